using Repro.Cli.Tests.Fakes;
using Repro.Results.Objects;
using Repro.Results.Provenance;
using Repro.Results.Stores;
using Repro.Studies.Sweeps;
using Repro.Workers.Silos;

namespace Repro.Cli.Tests.Verbs.Cluster;

/// <summary>A sweep whose silos see no folder of this machine: what its runs left comes from the cluster's objects.</summary>
public sealed class SiloRecordsTests : IDisposable
{
    private readonly CommandLine _cli = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-test-").FullName;

    public SiloRecordsTests()
    {
        Leave(_cli.Runs, trials: 2, threads: 3);
    }

    // As silos leave it.
    private void Leave(string runs, int trials, int threads)
    {
        var study = FilledSweep.Search(trials);
        FilledSweep.Write(runs, "lr", study, (_, _) => 1);
        using var store = new SqliteStore(Path.Combine(runs, "sweeps.db"));
        var terms = new SweepTerms { Submitted = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), Folder = store.Read("lr").OfType<SweepCreated>().Single().FolderOf("lr") };
        new Coordinator(store, "lr", study, host: null, TimeProvider.System).Decide([terms.WriteTo]);
        var silo = Directory.CreateDirectory(Path.Combine(_folder, "silo")).FullName;
        using var objects = new FolderObjects(Directory.CreateDirectory(Objects).FullName);
        for (var trial = 0; trial < trials; trial++)
        {
            new AttemptEnvironment(null, [], EnvironmentProbe.Capture(new EngineFacts("an engine", "build 7", "AVX2", "none"), "cpu", threads + trial, GitState.None)).Write(silo);
            File.WriteAllText(Path.Combine(silo, AttemptRecords.Log), $"the silo's word of trial {trial}\n");
            new AttemptRecords(objects, terms.Folder).Upload(new(trial, 0), 1, silo);
        }
    }

    private string Objects => Path.Combine(_folder, "objects");

    public void Dispose()
    {
        _cli.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void An_export_has_what_every_attempt_ran_under()
    {
        var target = Path.Combine(_folder, "export");
        var result = _cli.Run("export", "lr", "-o", target, "--objects", Objects);
        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.Equal([3, 4], Enumerable.Range(0, 2).Select(trial => AttemptEnvironment.Read(Path.Combine(target, "runs", $"{trial}-0", "attempt-1"))!.Environment.Threads));
    }

    [Fact]
    public void A_sweep_of_the_same_name_in_another_store_has_objects_of_its_own()
    {
        using var other = new CommandLine();
        Leave(other.Runs, trials: 3, threads: 40);
        Assert.Equal([3, 4], Exported(_cli, trials: 2));
        Assert.Equal([40, 41, 42], Exported(other, trials: 3));

        IEnumerable<int> Exported(CommandLine cli, int trials)
        {
            var target = Path.Combine(_folder, $"export-{trials}");
            var result = cli.Run("export", "lr", "-o", target, "--objects", Objects);
            Assert.Equal((0, ""), (result.Code, result.Error));
            return Enumerable.Range(0, trials).Select(trial => AttemptEnvironment.Read(Path.Combine(target, "runs", $"{trial}-0", "attempt-1"))!.Environment.Threads);
        }
    }

    [Fact]
    public void Where_the_objects_are_not_named_or_are_away_the_export_is_made_and_says_what_it_lacks()
    {
        var result = _cli.Run("export", "lr", "-o", Path.Combine(_folder, "export"));
        Assert.Equal(0, result.Code);
        Assert.Equal($"What 2 of the attempts of lr ran under is not in {Path.Combine(_cli.Runs, "lr")}, because silos on other machines trained them. Name where the cluster keeps its objects: --objects PLACE, or REPRO_OBJECTS.\n", result.Error);
        result = _cli.Run("export", "lr", "-o", Path.Combine(_folder, "export"), "--objects", Path.Combine(_folder, "nowhere"));
        Assert.Equal(0, result.Code);
        Assert.Contains("is no folder on this machine", result.Error, StringComparison.Ordinal);
        Assert.Contains($"nor in {Path.Combine(_folder, "nowhere")}", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_status_of_a_trial_shows_the_silos_log_and_the_report_of_its_run_what_it_ran_under()
    {
        var status = _cli.Run("status", "lr", "--trial", "1", "--objects", Objects);
        Assert.Equal((0, ""), (status.Code, status.Error));
        Assert.Contains("the silo's word of trial 1", status.Out, StringComparison.Ordinal);
        var report = _cli.Run("report", "lr/0", "--objects", Objects, "--json");
        Assert.Equal(0, report.Code);
        Assert.Contains("an engine", File.ReadAllText((string)report.Last["report"]!), StringComparison.Ordinal);
    }
}
