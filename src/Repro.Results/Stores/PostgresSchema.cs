using Npgsql;
using Repro.Results.Runs;

namespace Repro.Results.Stores;

/// <summary>The tables in PostgreSQL, in a schema <c>repro</c> of their own, and how older ones become the newest. A migration that was released is never changed.</summary>
internal static class PostgresSchema
{
    // Any number: it names the lock that keeps two programs from making tables in this schema at once, whatever the tables are for.
    public const long MigrationLock = 0x5265_7072_6f;

    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE repro.sweeps (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE, events bigint NOT NULL);
        CREATE TABLE repro.events (sweep bigint NOT NULL REFERENCES repro.sweeps, number bigint NOT NULL, event text NOT NULL, PRIMARY KEY (sweep, number));
        CREATE TABLE repro.metrics (
            sweep bigint NOT NULL REFERENCES repro.sweeps, trial int NOT NULL, run int NOT NULL, step bigint NOT NULL, name text NOT NULL,
            value double precision NOT NULL, seconds double precision NOT NULL, PRIMARY KEY (sweep, trial, run, step, name));
        CREATE TABLE repro.leases (sweep bigint NOT NULL REFERENCES repro.sweeps, host text NOT NULL, until timestamptz NOT NULL, PRIMARY KEY (sweep, host));
        """,
    ];

    /// <summary>Brings the database to the newest schema. Several programs may do so at once.</summary>
    /// <exception cref="StorageException">A newer program made it.</exception>
    public static void Migrate(NpgsqlDataSource source, string description)
    {
        using var connection = source.OpenConnection();
        using var transaction = connection.BeginTransaction();
        Execute($"SELECT pg_advisory_xact_lock({MigrationLock})");
        Execute("CREATE SCHEMA IF NOT EXISTS repro; CREATE TABLE IF NOT EXISTS repro.version (version int NOT NULL)");
        using var read = new NpgsqlCommand("SELECT max(version) FROM repro.version", connection, transaction);
        var version = read.ExecuteScalar() as int? ?? 0;
        if (version > Migrations.Length)
        {
            throw new StorageException(
                $"{description} was written by a newer version of Repro (schema {version}; this program knows {Migrations.Length}). Update Repro, or choose another store.");
        }
        for (; version < Migrations.Length; version++)
        {
            Execute(Migrations[version]);
            Execute($"INSERT INTO repro.version VALUES ({version + 1})");
        }
        transaction.Commit();

        void Execute(string sql)
        {
            using var command = new NpgsqlCommand(sql, connection, transaction);
            command.ExecuteNonQuery();
        }
    }
}
