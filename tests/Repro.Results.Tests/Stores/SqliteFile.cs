using Microsoft.Data.Sqlite;

namespace Repro.Results.Tests.Stores;

/// <summary>A store's file as any other program sees it.</summary>
internal static class SqliteFile
{
    public static SqliteConnection Connect(string path)
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 1 }.ToString());
        connection.Open();
        return connection;
    }

    /// <summary>The first value of the first row; null where there is none.</summary>
    public static object? Ask(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    public static object? Ask(string path, string sql)
    {
        using var connection = Connect(path);
        return Ask(connection, sql);
    }
}
