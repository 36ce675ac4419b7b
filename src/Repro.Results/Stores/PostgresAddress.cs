using Npgsql;
using Repro.Studies;

namespace Repro.Results.Stores;

/// <summary>
/// How a PostgreSQL database is named: <c>postgres://user:password@host:port/database?setting=value</c>. What is left out is taken from PGUSER, PGPASSWORD,
/// PGPASSFILE, ... and PostgreSQL's defaults.
/// </summary>
internal static class PostgresAddress
{
    /// <exception cref="BadInputException">No such address can be.</exception>
    public static NpgsqlConnectionStringBuilder Settings(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("postgres" or "postgresql"))
            throw new BadInputException($"'{address}' is no address of a PostgreSQL database. They are written postgres://user:password@host:5432/database.");
        var settings = new NpgsqlConnectionStringBuilder
        {
            // Statements are few and come often: prepared after the second time.
            MaxAutoPrepare = 20, AutoPrepareMinUsages = 2, Timeout = 10, CommandTimeout = 60, ApplicationName = "repro",
        };
        if (uri.Host.Length > 0) settings.Host = uri.Host;
        if (uri.Port > 0) settings.Port = uri.Port;
        if (uri.AbsolutePath.Length > 1) settings.Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]);
        var user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0) settings.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length == 2) settings.Password = Uri.UnescapeDataString(user[1]);
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = pair.Split('=', 2) is [var n, var v] ? (n, Uri.UnescapeDataString(v)) : (pair, "");
            try
            {
                settings[name] = value;
            }
            catch (ArgumentException error)
            {
                throw new BadInputException($"The address of the PostgreSQL database has a setting '{pair}' that is none: {error.Message}");
            }
        }
        settings.Host ??= "localhost";
        return settings;
    }

    /// <summary>The server and the database, without user or password: for messages.</summary>
    public static string Describe(NpgsqlConnectionStringBuilder settings) => $"PostgreSQL, {settings.Host}:{settings.Port}/{settings.Database}";
}
