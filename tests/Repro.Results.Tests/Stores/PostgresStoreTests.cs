using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Shared;
using Repro.Studies.Sweeps;

namespace Repro.Results.Tests.Stores;

public sealed class PostgresStoreTests(PostgresServer server) : SweepStoreContract, IClassFixture<PostgresServer>
{
    private string? _address;

    [SkippableFact]
    public void Who_stands_still_in_the_middle_of_a_decision_does_not_keep_the_others_from_theirs()
    {
        using var other = Open();
        using var frozen = new PostgresStore(_address!, longestDecision: TimeSpan.FromSeconds(3));
        var (first, second) = (new SweepCreated("a study", 1, 5) { At = DateTimeOffset.UnixEpoch }, new SweepExtended(7) { At = DateTimeOffset.UnixEpoch });
        var error = Assert.Throws<StorageException>(() => frozen.Decide("net", 0, null, _ =>
        {
            // Returns because the server has ended the transaction that this very decision is in.
            other.Decide("net", 0, null, _ => new SweepWrite([first], [], []));
            return new SweepWrite([second], [], []);
        }));
        Assert.Contains("Nothing of this was written", error.Message, StringComparison.Ordinal);
        Assert.IsType<SweepCreated>(Assert.Single(other.Read("net")));
        frozen.Decide("net", 1, null, _ => new SweepWrite([second], [], []));
        Assert.Equal(2, other.Read("net").Count);
    }

    [SkippableFact]
    public void A_database_of_a_newer_program_is_refused_and_left_as_it_is()
    {
        using (Open()) Execute("INSERT INTO repro.version VALUES (99)");
        var error = Assert.Throws<StorageException>(() => new PostgresStore(_address!));
        Assert.Contains("was written by a newer version of Repro (schema 99; this program knows ", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("PostgreSQL, 127.0.0.1:", error.Message, StringComparison.Ordinal);
        Assert.Equal(99, Execute("SELECT max(version) FROM repro.version"));
    }

    [SkippableFact]
    public void Several_that_open_a_new_database_at_once_leave_one_schema()
    {
        Skip.IfNot(server.Available, PostgresServer.Missing);
        _address = server.NewDatabase();
        var stores = AtOnce.Make(6, () => new PostgresStore(_address));
        try
        {
            using (Open())
            {
            }
            Assert.Equal(Execute("SELECT max(version)::bigint FROM repro.version"), Execute("SELECT count(*) FROM repro.version"));
            for (var i = 0; i < stores.Length; i++) stores[i].Decide("net", i, null, _ => new SweepWrite([new SweepExtended(i + 1) { At = DateTimeOffset.UnixEpoch }], [], []));
            Assert.All(stores, store => Assert.Equal(stores.Length, store.Read("net").Count));
        }
        finally
        {
            foreach (var store in stores) store.Dispose();
        }
    }

    [SkippableFact]
    public void An_event_that_cannot_be_read_is_told_of_and_named()
    {
        using var store = Open();
        store.Decide("net", 0, null, _ => new SweepWrite([new SweepHeld(false) { At = DateTimeOffset.UnixEpoch }, new SweepReleased { At = DateTimeOffset.UnixEpoch }], [], []));
        Execute("UPDATE repro.events SET event = replace(event, 'released', 'of a later version') WHERE number = 2");
        var error = Assert.Throws<StorageException>(() => store.Read("net"));
        Assert.Contains("is damaged, or a newer version of Repro has written to it: event 2 ", error.Message, StringComparison.Ordinal);
        Assert.Contains("of a later version", error.Message, StringComparison.Ordinal);
    }

    protected override ISweepStore Open()
    {
        Skip.IfNot(server.Available, PostgresServer.Missing);
        return new PostgresStore(_address ??= server.NewDatabase());
    }

    // The database's clock cannot be set; its leases can be made older.
    protected override void Advance(TimeSpan time) => Execute("UPDATE repro.leases SET until = until - $1", time);

    public override void Dispose()
    {
    }

    /// <returns>The first value of the first row; null where there is none.</returns>
    private object? Execute(string sql, params object[] values)
    {
        using var source = Npgsql.NpgsqlDataSource.Create($"Host=127.0.0.1;Port={server.Port};Username=repro;Database={new Uri(_address!).AbsolutePath[1..]}");
        using var command = source.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new Npgsql.NpgsqlParameter { Value = value });
        return command.ExecuteScalar();
    }
}
