using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies;
using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Results.Tests.Stores;

public sealed class SweepFolderTests : IDisposable
{
    private static readonly DateTimeOffset Day = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteStore _store;

    public SweepFolderTests()
    {
        _store = new SqliteStore(_folder.File("sweeps.db"));
        var run = new RunKey(0, 0);
        _store.Decide("net", 0, null, _ => new SweepWrite(
            [
                new SweepCreated("experiment: net", 3, 1) { At = Day },
                new TrialPlanned(0, Configuration.Parse("rate=0.1,name='a, b'"), [7], TrialOrigin.Sampler) { At = Day },
                new RunStarted(run, 1, "host", "cpu-0", null) { At = Day },
                new RunCompleted(run, 1, 3, new Dictionary<string, double> { ["validation_error"] = double.NaN }) { At = Day },
            ],
            [(run, new MetricPoint("loss", 1, 0.1 + 0.2, 0.5)), (run, new MetricPoint("loss", 2, double.NegativeInfinity, 1)), (run, new MetricPoint("loss", 3, double.NaN, 1.5))],
            []));
        Directory.CreateDirectory(Path.Combine(Runs, "0-0", "attempt-1"));
        File.WriteAllText(Path.Combine(Runs, "0-0", "attempt-1", "environment.json"), "{}");
        File.WriteAllText(Path.Combine(Runs, "0-0", "attempt-1", "step-000000003.safetensors"), "large");
    }

    private string Runs => _folder.File("runs/net");

    private string Copy => _folder.File("copy");

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_sweep_goes_out_and_comes_back_with_every_event_and_every_bit()
    {
        Assert.Equal((4, 3), SweepFolder.Export(_store, "net", Runs, Copy));
        using var other = new SqliteStore(_folder.File("other.db"));
        Assert.Equal("net", SweepFolder.Import(other, Copy, null, name => _folder.File($"elsewhere/{name}")));
        Assert.Equal(_store.Read("net").Select(SweepLog.Write), other.Read("net").Select(SweepLog.Write));
        Assert.Equal(_store.Metrics("net", new RunKey(0, 0)), other.Metrics("net", new RunKey(0, 0)));
        Assert.True(File.Exists(_folder.File("elsewhere/net/0-0/attempt-1/environment.json")));
        Assert.Empty(Directory.GetFiles(Copy, "*.safetensors", SearchOption.AllDirectories));
    }

    [Fact]
    public void An_export_is_the_same_bytes_whenever_it_is_made_and_replaces_an_earlier_one()
    {
        SweepFolder.Export(_store, "net", Runs, Copy);
        var first = Bytes();
        File.WriteAllText(Path.Combine(Copy, "README.md"), "mine");
        SweepFolder.Export(_store, "net", Runs, Copy);
        File.Delete(Path.Combine(Copy, "README.md"));
        Assert.Equal(first, Bytes());
    }

    [Theory]
    [InlineData("events.jsonl")]
    [InlineData("metrics.csv")]
    public void A_changed_file_is_not_imported(string file)
    {
        SweepFolder.Export(_store, "net", Runs, Copy);
        var path = Path.Combine(Copy, file);
        File.WriteAllText(path, File.ReadAllText(path).Replace('3', '4'));
        using var other = new MemoryStore();
        Assert.Contains("is not what was exported", Assert.Throws<NotWholeException>(() => SweepFolder.Import(other, Copy, null, name => _folder.File(name))).Message, StringComparison.Ordinal);
        Assert.Empty(other.Sweeps());
    }

    [Theory]
    [InlineData("events.jsonl", "{\"event\":\"created\"", "", "Line 1 of")]
    [InlineData("events.jsonl", "{\"event\":\"planned\"", "{\"event\":\"planted\"", "Line 2 of")]
    [InlineData("events.jsonl", "\"attempt\":1", "\"attempt\":2", "cannot start attempt 2")]
    [InlineData("metrics.csv", "loss,2,", "loss,two,", "Line 3 of")]
    public void A_folder_whose_digests_are_right_and_whose_content_cannot_be_is_not_imported_in_part(string file, string from, string to, string expected)
    {
        SweepFolder.Export(_store, "net", Runs, Copy);
        var path = Path.Combine(Copy, file);
        var lines = File.ReadAllLines(path).Select(line => line.StartsWith(from, StringComparison.Ordinal) && to.Length == 0 ? null : line.Replace(from, to, StringComparison.Ordinal)).OfType<string>();
        Seal(file, string.Join('\n', lines) + "\n");
        using var other = new SqliteStore(_folder.File("other.db"));
        Assert.Contains(expected, Assert.ThrowsAny<BadInputException>(() => SweepFolder.Import(other, Copy, null, name => _folder.File(name))).Message, StringComparison.Ordinal);
        Assert.Empty(other.Sweeps());
        Assert.Empty(other.Metrics("net", new RunKey(0, 0)));
    }

    [Theory]
    [InlineData("../../important")]
    [InlineData("/etc/important")]
    [InlineData("0-0/../../important")]
    [InlineData("1-0/attempt-1/step-2.safetensors")]
    public void A_checkpoint_outside_its_runs_folder_is_not_imported(string file)
    {
        SweepFolder.Export(_store, "net", Runs, Copy);
        var run = new RunKey(0, 0);
        var lines = File.ReadAllLines(Path.Combine(Copy, "events.jsonl")).ToList();
        lines.Insert(3, SweepLog.Write(new CheckpointRecorded(run, 1, 2, file, "00", 1) { At = Day }));
        Seal("events.jsonl", string.Join('\n', lines) + "\n");
        using var other = new MemoryStore();
        Assert.Contains("does not lie in the folder of its run", Assert.Throws<BadInputException>(() => SweepFolder.Import(other, Copy, null, name => _folder.File(name))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_no_export_or_lacks_a_file_is_refused()
    {
        using var other = new MemoryStore();
        Assert.Contains("it has no sweep.json", Refusal(_folder.Path), StringComparison.Ordinal);
        SweepFolder.Export(_store, "net", Runs, Copy);
        File.Delete(Path.Combine(Copy, "metrics.csv"));
        Assert.Contains("metrics.csv is missing", Refusal(Copy), StringComparison.Ordinal);

        string Refusal(string folder) => Assert.ThrowsAny<BadInputException>(() => SweepFolder.Import(other, folder, null, name => _folder.File(name))).Message;
    }

    [Fact]
    public void A_sweep_is_not_imported_over_another_one_and_may_have_another_name()
    {
        SweepFolder.Export(_store, "net", Runs, Copy);
        Assert.Contains("has a sweep net already", Assert.Throws<BadInputException>(() => SweepFolder.Import(_store, Copy, null, name => _folder.File(name))).Message, StringComparison.Ordinal);
        Assert.Equal("again", SweepFolder.Import(_store, Copy, "again", name => _folder.File(name)));
        Assert.Equal(["net", "again"], _store.Sweeps());
    }

    [Fact]
    public void An_import_that_was_cut_off_leaves_no_sweep_and_can_be_done_again()
    {
        SweepFolder.Export(_store, "net", Runs, Copy);
        using var other = new SqliteStore(_folder.File("other.db"));
        // What a first try left: values and no event.
        other.Decide("net", 0, null, _ => new SweepWrite([], [(new RunKey(0, 0), new MetricPoint("loss", 1, 99, 0))], []));
        Assert.Empty(other.Sweeps());
        SweepFolder.Import(other, Copy, null, name => _folder.File($"elsewhere/{name}"));
        Assert.Equal(_store.Metrics("net", new RunKey(0, 0)), other.Metrics("net", new RunKey(0, 0)));
    }

    [Fact]
    public void Predictions_and_samples_of_confirmed_runs_and_arms_travel_and_those_of_a_search_and_of_lost_attempts_stay()
    {
        var (confirmed, arm) = (new RunKey(1, 0), new RunKey(2, 0));
        _store.Decide("net", 0, null, _ => new SweepWrite(
            [
                new SweepExtended(0) { At = Day },
                new TrialPlanned(1, Configuration.Empty, [8], TrialOrigin.Confirmation) { At = Day }, new RunStarted(confirmed, 1, "host", "cpu-0", null) { At = Day },
                new RunFailed(confirmed, 1, FailureClass.Lost, "The host went away.", Again: true) { At = Day }, new RunStarted(confirmed, 2, "host", "cpu-0", null) { At = Day },
                new TrialPlanned(2, Configuration.Empty, [9], TrialOrigin.Arm, "plain") { At = Day }, new RunStarted(arm, 1, "host", "cpu-0", null) { At = Day },
            ],
            [], []));
        string[] names = ["environment.json", "predictions-test.safetensors", "samples-test.json", "step-000000003.safetensors"];
        foreach (var folder in (string[])["0-0/attempt-1", "1-0/attempt-1", "1-0/attempt-2", "2-0/attempt-1"])
        {
            Directory.CreateDirectory(Path.Combine(Runs, folder));
            foreach (var name in names) File.WriteAllText(Path.Combine(Runs, folder, name), $"{folder} {name}");
        }
        SweepFolder.Export(_store, "net", Runs, Copy);
        string[] evidence = ["runs/1-0/attempt-2/predictions-test.safetensors", "runs/1-0/attempt-2/samples-test.json", "runs/2-0/attempt-1/predictions-test.safetensors", "runs/2-0/attempt-1/samples-test.json"];
        Assert.Equal(evidence, Directory.GetFiles(Copy, "*-test.*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Copy, file)).Order(StringComparer.Ordinal));
        Assert.Equal((4, evidence.Sum(file => new FileInfo(Path.Combine(Copy, file)).Length)), SweepFolder.Evidence(Copy));
        using var other = new MemoryStore();
        SweepFolder.Import(other, Copy, null, name => _folder.File($"elsewhere/{name}"));
        Assert.Equal("1-0/attempt-2 predictions-test.safetensors", File.ReadAllText(_folder.File("elsewhere/net/1-0/attempt-2/predictions-test.safetensors")));
    }

    [Fact]
    public void Records_of_attempts_that_were_changed_lost_or_added_are_named_and_not_imported()
    {
        SweepFolder.Export(_store, "net", Runs, Copy);
        var record = Path.Combine(Copy, "runs", "0-0", "attempt-1", "environment.json");
        File.WriteAllText(record, "{ }");
        Assert.Contains("runs/0-0/attempt-1/environment.json is not what was exported", Refusal(), StringComparison.Ordinal);
        File.Delete(record);
        Assert.Contains("runs/0-0/attempt-1/environment.json is missing", Refusal(), StringComparison.Ordinal);
        File.WriteAllText(record, "{}");
        File.WriteAllText(record + ".old", "{}");
        Assert.Contains("runs/0-0/attempt-1/environment.json.old was not exported", Refusal(), StringComparison.Ordinal);
        File.Delete(record + ".old");
        using var other = new MemoryStore();
        Assert.Equal("net", SweepFolder.Import(other, Copy, null, runsOf: null));

        string Refusal() => Assert.Throws<NotWholeException>(() => SweepFolder.Import(new MemoryStore(), Copy, null, runsOf: null)).Message;
    }

    [Fact]
    public void The_digests_of_the_records_are_those_of_sha256sum()
    {
        SweepFolder.Export(_store, "net", Runs, Copy);
        // printf '{}' | sha256sum
        Assert.Equal("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a  runs/0-0/attempt-1/environment.json\n", File.ReadAllText(Path.Combine(Copy, "runs.sha256")));
    }

    [Fact]
    public void An_export_of_before_there_were_digests_of_records_is_still_imported()
    {
        SweepFolder.Export(_store, "net", Runs, Copy);
        File.Delete(Path.Combine(Copy, "runs.sha256"));
        var head = Path.Combine(Copy, "sweep.json");
        File.WriteAllText(head, System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(head), ",\\s*\"runs_sha256\": \"[0-9a-f]+\"", ""));
        Assert.DoesNotContain("runs_sha256", File.ReadAllText(head), StringComparison.Ordinal);
        using var other = new MemoryStore();
        SweepFolder.Import(other, Copy, null, name => _folder.File($"elsewhere/{name}"));
        Assert.True(File.Exists(_folder.File("elsewhere/net/0-0/attempt-1/environment.json")));
    }

    [Fact]
    public void What_is_a_persons_own_is_not_written_over()
    {
        Directory.CreateDirectory(Copy);
        File.WriteAllText(Path.Combine(Copy, "thesis.txt"), "years of work");
        Assert.Contains("no export of a sweep", Assert.Throws<BadInputException>(() => SweepFolder.Export(_store, "net", Runs, Copy)).Message, StringComparison.Ordinal);
        Assert.Equal("years of work", File.ReadAllText(Path.Combine(Copy, "thesis.txt")));
    }

    /// <summary>Writes a file of the export with the digest that goes with it, as somebody would who knows the format.</summary>
    private void Seal(string file, string content)
    {
        var path = Path.Combine(Copy, file);
        var before = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)));
        File.WriteAllText(path, content);
        var after = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)));
        var head = Path.Combine(Copy, "sweep.json");
        File.WriteAllText(head, File.ReadAllText(head).Replace(before, after, StringComparison.Ordinal));
    }

    private Dictionary<string, string> Bytes() => Directory.GetFiles(Copy, "*", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(Copy, file), file => Convert.ToHexString(File.ReadAllBytes(file)));
}
