using System.Text.RegularExpressions;

namespace Repro.Setup.Tests.Deploy;

public sealed partial class ContainerfileTests
{
    private static readonly string[] Words = ["ARG", "FROM", "COPY", "RUN", "USER", "WORKDIR", "EXPOSE", "ENTRYPOINT", "CMD"];

    private readonly (string Word, string Arguments)[] _lines = [.. Comment().Replace(DeployFiles.All["Containerfile"], "").Replace("\\\n", " ", StringComparison.Ordinal)
        .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 2)).Select(parts => (parts[0], parts[1].Trim()))];

    [Fact]
    public void It_is_made_of_the_instructions_it_needs() => Assert.All(_lines, line => Assert.Contains(line.Word, Words));

    [Fact]
    public void Every_base_is_pinned_and_every_copied_stage_is_there()
    {
        var defaults = Of("ARG").Select(argument => argument.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
        var bases = Of("FROM").Select(from => from.Split(" AS ")[0]).Select(name => name.StartsWith("${", StringComparison.Ordinal) ? defaults[name[2..^1]] : name).ToArray();
        Assert.Equal(2, bases.Length);
        Assert.All(bases, name => Assert.Matches(@":\d+(\.\d+)+[a-z0-9.-]*$", name));
        var stages = Of("FROM").Select(from => from.Split(" AS ")).Where(parts => parts.Length == 2).Select(parts => parts[1]).ToArray();
        var copied = Of("COPY").Where(copy => copy.StartsWith("--from=", StringComparison.Ordinal)).Select(copy => copy["--from=".Length..].Split(' ')[0]).ToArray();
        Assert.NotEmpty(copied);
        Assert.All(copied, stage => Assert.Contains(stage, stages));
    }

    [Fact]
    public void Its_shell_lines_are_well_formed() => Assert.All(Of("RUN"), command =>
    {
        var result = DeployFiles.Run("sh", "-n", "-c", command);
        Assert.True(result.ExitCode == 0, result.Everything);
    });

    [Fact]
    public void It_builds_with_options_that_setup_has()
    {
        var used = Of("RUN").SelectMany(command => SetupCall().Matches(command)).SelectMany(call => Option().Matches(call.Value)).Select(option => option.Value).ToArray();
        Assert.Contains("--bundle", used);
        var help = Shell.Run(SmallTree.Checkout, new Dictionary<string, string?>(), Path.Combine(SmallTree.Checkout, "setup"), "--help").Output;
        Assert.All(used, option => Assert.Contains(option, help, StringComparison.Ordinal));
    }

    [Fact]
    public void The_program_does_not_run_as_root_and_folders_for_volumes_are_its_own()
    {
        Assert.Equal("repro", Of("USER").Last());
        Assert.Contains(Of("RUN"), command => command.Contains("useradd", StringComparison.Ordinal) && command.Contains("chown repro: /objects /runs", StringComparison.Ordinal));
        Assert.Equal("[\"/opt/repro/repro\"]", Assert.Single(Of("ENTRYPOINT")));
    }

    [Fact]
    public void Secrets_and_what_was_built_before_stay_out_of_the_image_and_what_records_the_commit_does_not()
    {
        var ignored = File.ReadAllLines(Path.Combine(SmallTree.Checkout, ".dockerignore"));
        Assert.All((string[])["cluster/deploy/secrets", "setup.props", ".setup", "**/bin", "**/obj"], path => Assert.Contains(path, ignored));
        Assert.DoesNotContain(".git", ignored);
        // A file that git misses would make every run look like one with uncommitted changes.
        Assert.All(ignored.Where(line => line[0] != '#'), path =>
            Assert.Empty(Shell.Run(SmallTree.Checkout, new Dictionary<string, string?>(), "git", "ls-files", "--", $":(glob){path}", $":(glob){path}/**").Output));
    }

    private IEnumerable<string> Of(string word) => _lines.Where(line => line.Word == word).Select(line => line.Arguments);

    [GeneratedRegex("^#.*\n", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"/src/setup [^&|;]*")]
    private static partial Regex SetupCall();

    [GeneratedRegex("--[a-z-]+")]
    private static partial Regex Option();
}
