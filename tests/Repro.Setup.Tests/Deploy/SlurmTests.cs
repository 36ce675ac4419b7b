namespace Repro.Setup.Tests.Deploy;

/// <summary>The batch script, run with programs in Slurm's place that do what Slurm's would: <c>srun</c> starts the task, <c>scontrol</c> is told what it is told.</summary>
public sealed class SlurmTests : IDisposable
{
    private const string Script = "slurm/repro-silo.sbatch";

    // Of sbatch's options, what is used.
    private static readonly string[] Directives =
        ["--job-name", "--nodes", "--ntasks-per-node", "--gpus-per-task", "--cpus-per-task", "--mem", "--time", "--signal", "--requeue", "--open-mode", "--output"];

    private readonly string _folder = Directory.CreateTempSubdirectory("repro slurm ").FullName;

    public SlurmTests()
    {
        Write("bin/srun", "while [[ $1 == --* ]]; do shift; done; exec \"$@\"");
        Write("bin/scontrol", $"printf '%s\\n' \"$*\" >>'{_folder}/scontrol'");
        Write("bin/hostname", "[[ $1 == --all-ip-addresses ]] && echo '192.0.2.9 198.51.100.9 '");
        Write("program/repro", $"printf '%s\\n' \"$@\" >'{_folder}/arguments'; exit ${{ENDS_WITH:-0}}");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Its_directives_are_sbatch_s_and_stand_before_the_first_command()
    {
        var lines = DeployFiles.All[Script].Split('\n');
        var directives = lines.Where(line => line.StartsWith("#SBATCH ", StringComparison.Ordinal)).Select(line => line["#SBATCH ".Length..]).ToArray();
        Assert.Equal(Directives, directives.Select(directive => directive.Split('=')[0]));
        Assert.True(Array.FindLastIndex(lines, line => line.StartsWith("#SBATCH ", StringComparison.Ordinal)) < Array.FindIndex(lines, line => line.Length > 0 && line[0] != '#'));
        // Without B: the signal goes to the silos and not to the script.
        Assert.Contains("--signal=TERM@300", directives);
    }

    [SkippableFact]
    public void Shellcheck_finds_nothing()
    {
        var program = DeployFiles.Program("shellcheck");
        Skip.If(program is null, "shellcheck is not installed");
        var result = DeployFiles.Run(program, Script);
        Assert.True(result.ExitCode == 0, result.Everything);
    }

    [Fact]
    public void Each_task_is_a_silo_of_its_node()
    {
        var result = Run(TimeSpan.FromHours(3));
        Assert.True(result.ExitCode == 0, result.Everything);
        var arguments = File.ReadAllLines(Path.Combine(_folder, "arguments"));
        Assert.Equal("silo", arguments[0]);
        var options = arguments.Skip(1).Chunk(2).Select(pair => (pair[0], pair[1])).ToArray();
        Assert.Contains(("--name", "node 7"), options);
        Assert.Contains(("--label", "partition=gpu"), options);
        Assert.Contains(("--store", "postgres://me@db/repro"), options);
        Assert.Contains(("--slots", "gpu:all"), options);
        Assert.Contains(("--objects", $"{_folder}/program/objects"), options);
        Assert.Contains(("--address", "192.0.2.9"), options);
    }

    [Fact]
    public void It_goes_back_into_the_queue_where_the_silos_left_because_the_time_is_up()
    {
        Assert.Equal(0, Run(TimeSpan.FromMinutes(5)).ExitCode);
        Assert.Equal("requeue 42", File.ReadAllText(Path.Combine(_folder, "scontrol")).TrimEnd());
    }

    [Theory]
    [InlineData(180, "0", 0)]
    [InlineData(null, "0", 0)]
    [InlineData(5, "1", 1)]
    public void It_does_not_where_they_were_drained_before_where_the_end_is_not_known_or_where_they_failed(int? minutes, string endsWith, int exitCode)
    {
        Assert.Equal(exitCode, Run(minutes is { } left ? TimeSpan.FromMinutes(left) : null, endsWith).ExitCode);
        Assert.False(File.Exists(Path.Combine(_folder, "scontrol")));
    }

    [Fact]
    public void Without_a_database_it_says_so()
    {
        var result = Run(TimeSpan.FromHours(3), store: null);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("REPRO_STORE: is not set: postgres://USER@HOST/DATABASE", result.Errors, StringComparison.Ordinal);
    }

    private ShellResult Run(TimeSpan? left, string endsWith = "0", string? store = "postgres://me@db/repro") => Shell.Run(
        _folder,
        new Dictionary<string, string?>
        {
            ["PATH"] = $"{_folder}/bin:{Environment.GetEnvironmentVariable("PATH")}", ["REPRO_HOME"] = $"{_folder}/program", ["REPRO_STORE"] = store,
            ["REPRO_OBJECTS"] = null, ["REPRO_DATA"] = null, ["REPRO_RUNS"] = null, ["ENDS_WITH"] = endsWith,
            ["SLURM_JOB_ID"] = "42", ["SLURMD_NODENAME"] = "node 7", ["SLURM_JOB_PARTITION"] = "gpu",
            ["SLURM_JOB_END_TIME"] = left is { } time ? $"{(DateTimeOffset.UtcNow + time).ToUnixTimeSeconds()}" : null,
        },
        Path.Combine(DeployFiles.Folder, Script));

    private void Write(string path, string script)
    {
        var file = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, $"#!/usr/bin/env bash\n{script}\n");
        Assert.Equal(0, DeployFiles.Run("chmod", "+x", file).ExitCode);
    }
}
