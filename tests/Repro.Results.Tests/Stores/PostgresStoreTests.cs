using Repro.Shared;
using Repro.Studies.Sweeps;

namespace Repro.Results.Tests.Stores;

public sealed class PostgresStoreTests(PostgresServer server) : SweepStoreContract, IClassFixture<PostgresServer>
{
    private string? _address;

    protected override ISweepStore Open() 
    {
        Skip.IfNot(server.Available, PostgresServer.Missing);
        return new Repro.Results.Stores.PostgresStore(_address ??= server.NewDatabase());
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
