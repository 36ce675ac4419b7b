using Microsoft.Data.Sqlite;
using Repro.Results.Runs;

namespace Repro.Results.Stores;

/// <summary>The tables in a SQLite file, and how older ones become the newest. A migration that was released is never changed.</summary>
internal static class SqliteSchema
{
    // Rows are found by what they are about, so tables have no row number of their own (WITHOUT ROWID). A value that is no finite number stands as
    // text in its column: SQLite would keep NaN as NULL.
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE sweeps (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, events INTEGER NOT NULL);
        CREATE TABLE events (sweep INTEGER NOT NULL, number INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (sweep, number)) WITHOUT ROWID;
        CREATE TABLE metric_names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE metrics (
            sweep INTEGER NOT NULL, trial INTEGER NOT NULL, run INTEGER NOT NULL, step INTEGER NOT NULL, name INTEGER NOT NULL,
            value NOT NULL, seconds REAL NOT NULL,
            PRIMARY KEY (sweep, trial, run, step, name)) WITHOUT ROWID;
        CREATE TABLE leases (sweep INTEGER NOT NULL, host TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (sweep, host)) WITHOUT ROWID;
        """,
    ];

    /// <summary>Brings the file to the newest schema. Several processes may do so at once.</summary>
    /// <exception cref="StorageException">A newer program made it.</exception>
    public static void Migrate(SqliteConnection connection, string path)
    {
        if (Version(connection, path) == Migrations.Length) return;
        connection.Write(() =>
        {
            // Asked again: somebody else may have done it meanwhile.
            for (var version = Version(connection, path); version < Migrations.Length; version++)
            {
                connection.Execute(Migrations[version]);
                connection.Execute($"PRAGMA user_version = {version + 1}");
            }
            return 0;
        });
    }

    private static long Version(SqliteConnection connection, string path)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        var version = (long)command.ExecuteScalar()!;
        return version <= Migrations.Length ? version : throw new StorageException(
            $"{path} was written by a newer version of Repro (schema {version}; this program knows {Migrations.Length}). Update Repro, or choose another store.");
    }
}
