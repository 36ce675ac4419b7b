using Npgsql;
using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Results.Stores;

/// <summary>
/// The tables by which silos find each other, in the database that keeps the sweeps: the scripts of <c>cluster/deploy/postgresql</c>, in the order of their
/// numbers. They stand in the schema <c>repro</c>; where <c>public</c> has tables that Orleans' own scripts made, those serve instead, and get only the queries
/// that they lack. A script that was released is never changed, and may run again where it has run.
/// </summary>
public static class MembershipSchema
{
    private const string Versions = $"{MembershipTables.OwnSchema}.membership_version";

    private static readonly (string Name, string Sql)[] Scripts = [.. ReadScripts()];

    /// <summary>How silos and clients connect to the cluster's tables: the form that Orleans takes, for its provider Npgsql.</summary>
    /// <param name="address"><c>postgres://user@host:port/database</c>; a password that it leaves out is looked for in PGPASSWORD and in PGPASSFILE when a connection is made.</param>
    /// <exception cref="BadInputException">No such address can be.</exception>
    public static string ConnectionString(string address) => Settings(address).ConnectionString;

    /// <summary>Brings the database to the newest of these scripts; does nothing where it is there. Several programs may do so at once.</summary>
    /// <exception cref="BadInputException">No such address can be.</exception>
    /// <exception cref="StorageException">
    /// The server cannot be reached or refuses; a newer program made the tables; or tables of these names are there, and are others. The database is left as it was.
    /// </exception>
    public static MembershipChange Apply(string address)
    {
        var settings = Settings(address);
        var description = PostgresAddress.Describe(settings);
        try
        {
            using var source = NpgsqlDataSource.Create(settings);
            using var connection = source.OpenConnection();
            return Apply(connection, description);
        }
        catch (PostgresException error)
        {
            throw new StorageException($"{description} refused to make the cluster's tables: {error.MessageText} ({error.SqlState}). It is left as it was.", error);
        }
        catch (NpgsqlException error)
        {
            throw new StorageException($"{description} cannot be reached, or the connection broke: {(error.InnerException ?? error).Message.TrimEnd('.')}. It is left as it was.", error);
        }
    }

    private static MembershipChange Apply(NpgsqlConnection connection, string description)
    {
        using var transaction = connection.BeginTransaction();
        var tables = new MembershipTables(connection, description);
        if (Finished(tables, connection, description) is { } before) return before;
        // Asked again under the lock: somebody else may have done it meanwhile.
        Execute($"SELECT pg_advisory_xact_lock({PostgresSchema.MigrationLock})");
        if (Finished(tables, connection, description) is { } meanwhile) return meanwhile;

        var (found, whole) = tables.Place();
        var schema = found ?? MembershipTables.OwnSchema;
        Execute($"CREATE SCHEMA IF NOT EXISTS {MembershipTables.OwnSchema}; CREATE TABLE IF NOT EXISTS {Versions} (version int NOT NULL); SET LOCAL search_path TO {schema}");
        if (whole) tables.Check(schema);
        // The first makes the tables, those after it what is in them.
        Execute(Scripts[0].Sql);
        var missing = tables.MissingQueries(schema);
        foreach (var (_, sql) in Scripts[1..]) Execute(sql);
        tables.Check(schema);
        Execute($"DELETE FROM {Versions}; INSERT INTO {Versions} VALUES ({Scripts.Length})");
        transaction.Commit();
        return new MembershipChange(schema, whole, missing, [.. Scripts.Select(script => script.Name)]);

        void Execute(string sql)
        {
            using var command = new NpgsqlCommand(sql, connection);
            command.ExecuteNonQuery();
        }
    }

    /// <returns>What is there, where nothing has to be done: a whole set of tables, of these scripts as they are now or made by others; otherwise null.</returns>
    private static MembershipChange? Finished(MembershipTables tables, NpgsqlConnection connection, string description)
    {
        if (Version(connection, description) is not 0 and var version && version < Scripts.Length) return null;
        if (tables.Place() is not ({ } schema, true) || tables.MissingQueries(schema).Count > 0) return null;
        tables.Check(schema);
        return new MembershipChange(schema, Found: true, [], []);
    }

    /// <returns>How many scripts the database has had; 0 where it keeps no count.</returns>
    private static int Version(NpgsqlConnection connection, string description)
    {
        using var there = new NpgsqlCommand($"SELECT to_regclass('{Versions}') IS NOT NULL", connection);
        if (!(bool)there.ExecuteScalar()!) return 0;
        using var read = new NpgsqlCommand($"SELECT max(version) FROM {Versions}", connection);
        var version = read.ExecuteScalar() as int? ?? 0;
        return version <= Scripts.Length ? version : throw new StorageException(
            $"{description}: the cluster's tables were made by a newer version of Repro (schema {version}; this program knows {Scripts.Length}). Update Repro, or choose another store.");
    }

    private static NpgsqlConnectionStringBuilder Settings(string address)
    {
        var settings = PostgresAddress.Settings(address);
        settings.SearchPath = MembershipTables.SearchPath;
        // These are few rows: who waits longer is cut off, and a silo has to learn that it is.
        settings.CommandTimeout = 10;
        // A membership that a restart of the server takes back would be older than what silos have acted upon.
        settings.Options = $"{settings.Options} -c synchronous_commit=on".Trim();
        settings.ApplicationName = "repro membership";
        return settings;
    }

    private static IEnumerable<(string Name, string Sql)> ReadScripts()
    {
        var assembly = typeof(MembershipSchema).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return (name, reader.ReadToEnd());
        }
    }
}
