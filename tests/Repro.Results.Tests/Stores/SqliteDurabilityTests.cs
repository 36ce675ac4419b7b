using System.Diagnostics;
using System.Reflection;
using Microsoft.Data.Sqlite;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;

namespace Repro.Results.Tests.Stores;

/// <summary>That a decision is on disk when it returns, and wholly or not at all.</summary>
public sealed class SqliteDurabilityTests : IDisposable
{
    private const int EventsEach = 2;

    private readonly TemporaryFolder _folder = new();

    private string File => _folder.File("sweeps.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_file_is_in_WAL_mode_and_every_commit_is_synced()
    {
        using var store = new SqliteStore(File);
        using var other = SqliteFile.Connect(File);
        // The mode is the file's, and what is synced the connection's own.
        Assert.Equal("wal", SqliteFile.Ask(other, "PRAGMA journal_mode"));
        Assert.Equal(2L, SqliteFile.Ask(ConnectionOf(store), "PRAGMA synchronous"));
    }

    [SkippableFact]
    public void The_kernel_sees_every_decision_synced_before_it_returns()
    {
        const int Decisions = 12;
        var log = _folder.File("trace");
        string[] trace = ["-f", "-y", "-s", "32", "-e", "trace=fsync,fdatasync,write", "-o", log];
        Skip.IfNot(System.IO.File.Exists("/usr/bin/strace") && Run("/usr/bin/strace", [.. trace, "/bin/true"]).ExitCode == 0, "strace is not installed, or may not trace processes here");
        var (printed, error, exitCode) = Run("/usr/bin/strace", [.. trace, .. Program(Decisions)]);
        Assert.True(exitCode == 0, error);
        Assert.Equal(2 * Decisions, printed.Length);

        // One thread decides, and what it says is written when it says it, so the order in the trace is the order in the program.
        var syncs = new Dictionary<string, int>();
        var deciding = "";
        foreach (var call in System.IO.File.ReadLines(log))
        {
            if (call.Contains("\"deciding ", StringComparison.Ordinal)) syncs[deciding = call.Split('"')[1]["deciding ".Length..]] = 0;
            else if (call.Contains("\"decided ", StringComparison.Ordinal)) deciding = "";
            else if (call.Contains("sync(", StringComparison.Ordinal) && call.Contains("sweeps.db-wal>", StringComparison.Ordinal) && deciding.Length > 0) syncs[deciding]++;
        }
        Assert.Equal(Decisions, syncs.Count);
        Assert.All(syncs, decision => Assert.True(decision.Value >= 1, $"decision {decision.Key} returned without a sync"));
    }

    [SkippableFact]
    public void On_a_full_disk_a_decision_is_refused_whole_and_the_store_goes_on_when_there_is_room()
    {
        using var disk = SmallDisk.Mount(_folder.File("disk"), kibibytes: 512);
        var file = Path.Combine(disk.Path, "sweeps.db");
        using var store = new SqliteStore(file);
        var decided = 0;
        var error = Assert.Throws<StorageException>(() => Fill(store, ref decided));
        Assert.StartsWith($"The disk with {file} is full; nothing of this was written. Free some space (./repro clean ", error.Message, StringComparison.Ordinal);
        Assert.True(decided > 10, $"{decided} decisions");
        Holds(store, decided);
        Assert.Throws<StorageException>(() => Fill(store, ref decided));
        Holds(store, decided);

        disk.Grow(kibibytes: 8192);
        GoesOn(store, decided);
        using var again = new SqliteStore(file);
        Holds(again, decided + 1);
        Assert.Equal("ok", SqliteFile.Ask(file, "PRAGMA integrity_check"));
    }

    [SkippableFact]
    public void On_a_full_disk_a_new_store_is_refused_and_made_when_there_is_room()
    {
        using var disk = SmallDisk.Mount(_folder.File("disk"), kibibytes: 64);
        var (file, ballast) = (Path.Combine(disk.Path, "sweeps.db"), Path.Combine(disk.Path, "ballast"));
        // From no room at all to nearly enough, so that every step of making it fails once.
        for (var kibibytes = 64; kibibytes > 0; kibibytes -= 4)
        {
            System.IO.File.WriteAllBytes(ballast, new byte[kibibytes << 10]);
            var error = Assert.Throws<StorageException>(() => new SqliteStore(file).Dispose());
            Assert.True(error.Message.StartsWith($"The disk with {file} is full; nothing of this was written.", StringComparison.Ordinal), $"{kibibytes} KiB taken: {error.Message}");
            System.IO.File.Delete(ballast);
        }
        disk.Grow(kibibytes: 8192);
        using var store = new SqliteStore(file);
        GoesOn(store, 0);
    }

    [SkippableFact]
    public void Beyond_the_largest_file_allowed_a_decision_is_refused_whole_and_the_store_goes_on_without_the_limit()
    {
        // A limit of 1 MiB. The runtime's own memory files would meet it too, so it is told to do without them.
        const string Limit = "trap '' XFSZ; export DOTNET_EnableWriteXorExecute=0; ulimit -f 1024";
        Skip.IfNot(System.IO.File.Exists("/bin/bash") && Run("/bin/bash", ["-c", Limit]).ExitCode == 0, "no limit can be set here");
        var (printed, said, exitCode) = Run("/bin/bash", ["-c", $"{Limit} && exec \"$@\"", "limited", .. Program(100_000)]);
        Assert.True(exitCode == 1, $"{exitCode}: {said}");
        Assert.StartsWith($"{File} cannot be read or written: ", said, StringComparison.Ordinal);
        Assert.Contains("ulimit -f", said, StringComparison.Ordinal);
        Assert.Single(said.TrimEnd().Split('\n'));
        var decided = printed.Count(line => line.StartsWith("decided ", StringComparison.Ordinal));
        Assert.True(decided > 10, $"{decided} decisions");

        using var store = new SqliteStore(File);
        Holds(store, decided);
        GoesOn(store, decided);
        Assert.Equal("ok", SqliteFile.Ask(File, "PRAGMA integrity_check"));
    }

    private static void Fill(SqliteStore store, ref int decided)
    {
        for (; decided < 100_000; decided++)
        {
            var number = decided;
            store.Decide(FakeDecisions.Sweep, EventsEach * number, null, _ => FakeDecisions.Numbered(number));
        }
    }

    /// <summary>All of so many decisions, and nothing of the next.</summary>
    private static void Holds(SqliteStore store, int decisions)
    {
        var log = store.Read(FakeDecisions.Sweep);
        Assert.Equal(Enumerable.Range(1, decisions), log.OfType<SweepExtended>().Select(extended => extended.Trials));
        Assert.Equal(Enumerable.Range(0, decisions), log.OfType<Tagged>().Select(tagged => tagged.Trial!.Value));
        Assert.Equal(Enumerable.Range(0, decisions), store.Curves(FakeDecisions.Sweep, "loss").Select(curve => curve.Run.Trial));
        Assert.Empty(store.Metrics(FakeDecisions.Sweep, new RunKey(decisions, 0)));
    }

    private static void GoesOn(SqliteStore store, int decided)
    {
        store.Decide(FakeDecisions.Sweep, EventsEach * decided, null, tail =>
        {
            Assert.Empty(tail);
            return FakeDecisions.Numbered(decided);
        });
        Holds(store, decided + 1);
        // The name of a metric that came with the refused decision must not be taken for known.
        Assert.Equal(["loss", $"only_in_{decided}"], store.Metrics(FakeDecisions.Sweep, new RunKey(decided, 0)).Select(point => point.Name));
    }

    // What a connection syncs can be asked of no other.
    private static SqliteConnection ConnectionOf(SqliteStore store) => Assert.Single(
        typeof(SqliteStore).GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Select(field => field.GetValue(store)).OfType<SqliteConnection>());

    private string[] Program(int decisions) => [FakeHost.Dotnet, FakeHost.Program, "decide", File, $"{decisions}"];

    private static (string[] Printed, string Error, int ExitCode) Run(string command, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var printed = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (printed.Split('\n', StringSplitOptions.RemoveEmptyEntries), error.GetAwaiter().GetResult(), process.ExitCode);
    }
}
