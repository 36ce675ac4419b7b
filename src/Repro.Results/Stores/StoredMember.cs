using Npgsql;
using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Results.Stores;

/// <summary>A silo as the membership in a database has it, whether it answers or not.</summary>
/// <param name="Address">As <c>10.0.0.7:11111</c>.</param>
/// <param name="State"><c>joining</c>, <c>active</c>, <c>leaving</c> or <c>dead</c>.</param>
/// <param name="Said">When it last said that it is alive, by its own clock.</param>
public sealed record StoredMember(string Name, string Address, string State, DateTimeOffset Said)
{
    /// <param name="store"><c>postgres://user@host:port/database</c>.</param>
    /// <param name="cluster">Id of the cluster.</param>
    /// <returns>Those that are not dead first, and of each the newest first.</returns>
    /// <exception cref="BadInputException">The database has no tables of a cluster.</exception>
    /// <exception cref="StorageException">The database cannot be read.</exception>
    public static IReadOnlyList<StoredMember> Read(string store, string cluster)
    {
        var settings = new NpgsqlConnectionStringBuilder(MembershipSchema.ConnectionString(store));
        var description = PostgresAddress.Describe(settings);
        try
        {
            using var connection = new NpgsqlConnection(settings.ConnectionString);
            connection.Open();
            if (!new MembershipTables(connection, description).Place().Whole)
                throw new BadInputException($"{description}: the database has no tables of a cluster yet: ./repro cluster init-db, or start a silo.");
            using var read = new NpgsqlCommand(
                "SELECT siloname, address, port, status, iamalivetime FROM orleansmembershiptable WHERE deploymentid = $1 ORDER BY status = 6, iamalivetime DESC", connection) { Parameters = { new() { Value = cluster } } };
            using var rows = read.ExecuteReader();
            var members = new List<StoredMember>();
            while (rows.Read())
            {
                var state = rows.GetInt32(3) switch { 1 or 2 => "joining", 3 => "active", 4 or 5 => "leaving", _ => "dead" };
                members.Add(new StoredMember(rows.GetString(0), $"{rows.GetString(1)}:{rows.GetInt32(2)}", state, new DateTimeOffset(rows.GetDateTime(4), TimeSpan.Zero)));
            }
            return members;
        }
        catch (NpgsqlException error)
        {
            throw new StorageException($"The cluster's members cannot be read: {description} cannot be reached, or refuses: {((error as PostgresException)?.MessageText ?? (error.InnerException ?? error).Message).TrimEnd('.')}. Ask again when it answers.", error);
        }
    }
}
