using Microsoft.Data.Sqlite;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies;
using Repro.Studies.Sweeps;

namespace Repro.Results.Tests.Stores;

/// <summary>What happens to a SQLite store beneath the program that uses it.</summary>
public sealed class SqliteStoreTroubleTests : IDisposable
{
    private static readonly SweepCreated Created = new("a study", 1, 5) { At = DateTimeOffset.UnixEpoch };
    private readonly TemporaryFolder _folder = new();

    private string Place => _folder.File("sweeps.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_store_that_was_deleted_while_it_was_used_takes_no_more_and_does_when_it_is_back()
    {
        using var store = new SqliteStore(Place);
        Write(store, Created);
        foreach (var file in (string[])["", "-wal", "-shm"]) File.Move(Place + file, $"{Place}{file}.away");
        Assert.Contains("was deleted, moved or replaced", Assert.Throws<StorageException>(() => Write(store, new SweepExtended(7) { At = Created.At })).Message, StringComparison.Ordinal);
        foreach (var file in (string[])["", "-wal", "-shm"]) File.Move($"{Place}{file}.away", Place + file);
        Write(store, new SweepExtended(8) { At = Created.At });
        Assert.Equal(2, store.Read("net").Count);
    }

    [Fact]
    public void A_store_in_whose_place_another_was_put_takes_no_more()
    {
        using var store = new SqliteStore(Place);
        Write(store, Created);
        using (var other = new SqliteStore(_folder.File("other.db"))) Write(other, Created);
        File.Move(_folder.File("other.db"), Place, overwrite: true);
        Assert.Throws<StorageException>(() => Write(store, new SweepExtended(7) { At = Created.At }));
    }

    [Fact]
    public void An_event_of_a_newer_program_is_said_to_be_one()
    {
        using var store = new SqliteStore(Place);
        Write(store, Created);
        using (var connection = new SqliteConnection($"Data Source={Place};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = """UPDATE events SET event = '{"event":"teleported","at":"1970-01-01T00:00:00Z"}'""";
            command.ExecuteNonQuery();
        }
        Assert.Contains("a newer version of Repro has written to it", Assert.Throws<StorageException>(() => store.Read("net")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_file_is_no_store() => Assert.Throws<BadInputException>(() => new SqliteStore("/dev/null"));

    private static void Write(SqliteStore store, SweepEvent happened) => store.Decide("net", 0, null, _ => new SweepWrite([happened], [], []));
}
