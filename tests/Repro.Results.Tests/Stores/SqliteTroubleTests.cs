using System.Text;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;

namespace Repro.Results.Tests.Stores;

/// <summary>What a person is told about a file that cannot be used, and that nothing else is hurt by it.</summary>
public sealed class SqliteTroubleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.File("sweeps.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_store_of_a_newer_program_is_refused_and_left_as_it_is()
    {
        Write(1);
        SqliteFile.Ask(File, "PRAGMA user_version = 99");
        var error = Assert.Throws<StorageException>(() => new SqliteStore(File));
        Assert.Contains($"{File} was written by a newer version of Repro (schema 99; this program knows ", error.Message, StringComparison.Ordinal);
        Assert.Contains("Update Repro", error.Message, StringComparison.Ordinal);
        Assert.Equal(99L, SqliteFile.Ask(File, "PRAGMA user_version"));
        Assert.Equal(2L, SqliteFile.Ask(File, "SELECT count(*) FROM events"));
    }

    [Fact]
    public void Opening_again_leaves_the_schema_and_what_is_in_it()
    {
        Write(1);
        var (version, schema) = (SqliteFile.Ask(File, "PRAGMA user_version"), Schema(File));
        using var again = new SqliteStore(File);
        Assert.Equal((version, schema), (SqliteFile.Ask(File, "PRAGMA user_version"), Schema(File)));
        Assert.True(version is > 0L);
        Assert.Equal(2, again.Read(FakeDecisions.Sweep).Count);
    }

    [Fact]
    public void Several_that_open_a_new_store_at_once_leave_one_schema()
    {
        for (var round = 0; round < 5; round++)
        {
            var file = _folder.File($"round-{round}.db");
            AreOneStore(file, AtOnce.Make(4, () => new SqliteStore(file)));
        }
    }

    [Fact]
    public async Task Several_that_find_no_schema_and_wait_for_their_turn_leave_one()
    {
        using var other = SqliteFile.Connect(File);
        SqliteFile.Ask(other, "PRAGMA journal_mode = WAL");
        SqliteFile.Ask(other, "BEGIN IMMEDIATE");
        var opening = Task.Run(() => AtOnce.Make(4, () => new SqliteStore(File)));
        // One more, who does not wait as long: when it has given up, the others have long seen that there is no schema.
        Assert.Throws<StorageException>(() => new SqliteStore(File, patience: TimeSpan.FromSeconds(1)));
        SqliteFile.Ask(other, "ROLLBACK");
        AreOneStore(File, await opening);
    }

    [Fact]
    public void A_decision_that_waits_for_a_lock_in_vain_says_who_to_look_for_and_writes_nothing()
    {
        Write(1);
        using var store = new SqliteStore(File, patience: TimeSpan.FromSeconds(1));
        using (var other = SqliteFile.Connect(File))
        {
            SqliteFile.Ask(other, "BEGIN IMMEDIATE");
            var error = Assert.Throws<StorageException>(() => store.Decide(FakeDecisions.Sweep, 2, null, _ => throw new InvalidOperationException("not to be called")));
            Assert.Equal($"{File} is locked by another process, and was so for 1 s. Find it with: fuser {File}", error.Message);
            // Who only reads waits for nobody.
            Assert.Equal(2, store.Read(FakeDecisions.Sweep).Count);
        }
        store.Decide(FakeDecisions.Sweep, 2, null, _ => FakeDecisions.Numbered(1));
        Assert.Equal(4, store.Read(FakeDecisions.Sweep).Count);
    }

    [Fact]
    public void A_store_that_another_keeps_to_itself_cannot_be_opened_until_it_is_let_go()
    {
        Write(1);
        using (var other = SqliteFile.Connect(File))
        {
            SqliteFile.Ask(other, "PRAGMA locking_mode = EXCLUSIVE");
            SqliteFile.Ask(other, "BEGIN EXCLUSIVE");
            var error = Assert.Throws<StorageException>(() => new SqliteStore(File, patience: TimeSpan.FromSeconds(1)));
            Assert.Equal($"{File} is locked by another process, and was so for 1 s. Find it with: fuser {File}", error.Message);
        }
        using var store = new SqliteStore(File);
        Assert.Equal(2, store.Read(FakeDecisions.Sweep).Count);
    }

    [Fact]
    public void Damaged_pages_are_told_of_with_what_can_be_done()
    {
        Write(800);
        using (var file = System.IO.File.OpenWrite(File))
        {
            Assert.True(file.Length > 100 * 4096, $"{file.Length} bytes");
            file.Position = file.Length / 4;
            file.Write(Enumerable.Repeat((byte)0xA5, (int)file.Length / 2).ToArray());
        }
        using var store = new SqliteStore(File);
        foreach (var error in new[]
        {
            Assert.Throws<StorageException>(() => store.Read(FakeDecisions.Sweep)),
            Assert.Throws<StorageException>(() => store.Decide(FakeDecisions.Sweep, 0, null, _ => throw new InvalidOperationException("not to be called"))),
        })
        {
            Assert.StartsWith($"{File} is damaged (", error.Message, StringComparison.Ordinal);
            Assert.EndsWith($"Go back to an export (./repro import), or recover what can be read: sqlite3 {File} .recover", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_event_whose_text_was_damaged_is_told_of_and_named()
    {
        Write(500);
        // Far from what SQLite itself checks: the text of one event.
        var bytes = System.IO.File.ReadAllBytes(File);
        var at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes("\"trials\":251,"));
        Assert.True(at > 0);
        bytes.AsSpan(at, 8).Fill((byte)'#');
        System.IO.File.WriteAllBytes(File, bytes);
        using var store = new SqliteStore(File);
        var error = Assert.Throws<StorageException>(() => store.Read(FakeDecisions.Sweep));
        Assert.StartsWith($"{File} is damaged, or a newer version of Repro has written to it: event 501 ", error.Message, StringComparison.Ordinal);
        Assert.Contains("./repro import", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_left_as_it_is()
    {
        System.IO.File.WriteAllText(File, string.Concat(Enumerable.Repeat("Notes of a person.\n", 1000)));
        var error = Assert.Throws<StorageException>(() => new SqliteStore(File));
        Assert.Equal($"{File} is no SQLite database. Name another file with --store sqlite:PATH.", error.Message);
        Assert.StartsWith("Notes of a person.", System.IO.File.ReadAllText(File), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_told_of()
    {
        var file = _folder.File("none/sweeps.db");
        Assert.Equal($"{file} cannot be opened: its folder does not exist, or this user may not enter it.", Assert.Throws<StorageException>(() => new SqliteStore(file)).Message);
    }

    /// <summary>A store with so many decisions, closed: all of it is in the file itself.</summary>
    private void Write(int decisions)
    {
        using (var store = new SqliteStore(File))
        {
            store.Decide(FakeDecisions.Sweep, 0, null, _ => new SweepWrite(
                [.. Enumerable.Range(0, decisions).SelectMany(i => FakeDecisions.Numbered(i).Events)], [.. Enumerable.Range(0, decisions).SelectMany(i => FakeDecisions.Numbered(i).Metrics)], []));
        }
        Assert.False(System.IO.File.Exists(File + "-wal"));
    }

    private void AreOneStore(string file, SqliteStore[] stores)
    {
        try
        {
            using (new SqliteStore(_folder.File("alone.db")))
            {
                Assert.Equal((Schema(_folder.File("alone.db")), SqliteFile.Ask(_folder.File("alone.db"), "PRAGMA user_version")), (Schema(file), SqliteFile.Ask(file, "PRAGMA user_version")));
            }
            for (var i = 0; i < stores.Length; i++) stores[i].Decide(FakeDecisions.Sweep, 2 * i, null, _ => FakeDecisions.Numbered(i));
            Assert.All(stores, store => Assert.Equal(2 * stores.Length, store.Read(FakeDecisions.Sweep).Count));
        }
        finally
        {
            foreach (var store in stores) store.Dispose();
        }
    }

    private static string Schema(string file) => (string)SqliteFile.Ask(file, "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name)")!;
}
