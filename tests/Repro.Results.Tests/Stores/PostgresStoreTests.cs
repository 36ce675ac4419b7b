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

    protected override ISweepStore Open()
    {
        Skip.IfNot(server.Available, PostgresServer.Missing);
        return new PostgresStore(_address ??= server.NewDatabase());
    }

    // The database's clock cannot be set; its leases can be made older.
    protected override void Advance(TimeSpan time)
    {
        using var source = Npgsql.NpgsqlDataSource.Create($"Host=127.0.0.1;Port={server.Port};Username=repro;Database={new Uri(_address!).AbsolutePath[1..]}");
        using var command = source.CreateCommand("UPDATE repro.leases SET until = until - $1");
        command.Parameters.Add(new Npgsql.NpgsqlParameter { Value = time });
        command.ExecuteNonQuery();
    }

    public override void Dispose()
    {
    }
}
