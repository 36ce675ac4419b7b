using Microsoft.Data.Sqlite;

namespace Repro.Results.Stores;

/// <summary>
/// Transactions that write. The driver's own <see cref="SqliteTransaction"/> does not notice that SQLite has rolled back a commit by itself, as it does
/// where the disk is full or broken: it then fails with another error, and its connection can write nothing any more.
/// </summary>
internal static class SqliteTransactions
{
    /// <summary>All that <paramref name="write"/> writes, or nothing. What it reads nobody else changes meanwhile: the lock is taken at once.</summary>
    public static T Write<T>(this SqliteConnection connection, Func<T> write)
    {
        connection.Execute("BEGIN IMMEDIATE");
        try
        {
            var result = write();
            connection.Execute("COMMIT");
            return result;
        }
        catch
        {
            if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0) connection.Execute("ROLLBACK");
            throw;
        }
    }

    public static void Execute(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
