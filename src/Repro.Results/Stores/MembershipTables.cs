using Npgsql;
using Repro.Results.Runs;

namespace Repro.Results.Stores;

/// <summary>
/// What a database has of the tables by which silos find each other, whoever made them, against what Orleans' provider asks of them (read in its version 10.2.2).
/// </summary>
internal sealed class MembershipTables(NpgsqlConnection connection, string description)
{
    /// <summary>Where they are made.</summary>
    public const string OwnSchema = "repro";

    /// <summary>Where they are looked for, by the silos as by the scripts.</summary>
    public const string SearchPath = $"{OwnSchema},public";

    /// <summary>A silo that does not find all of these does not start.</summary>
    private static readonly string[] Queries =
    [
        "CleanupDefunctSiloEntriesKey", "DeleteMembershipTableEntriesKey", "GatewaysQueryKey", "InsertMembershipKey", "InsertMembershipVersionKey",
        "MembershipReadAllKey", "MembershipReadRowKey", "UpdateIAmAlivetimeKey", "UpdateMembershipKey",
    ];

    private static readonly Dictionary<string, string[]> Columns = new(StringComparer.Ordinal)
    {
        ["orleansquery"] = ["querykey", "querytext"],
        ["orleansmembershipversiontable"] = ["deploymentid", "version"],
        ["orleansmembershiptable"] =
            ["deploymentid", "address", "port", "generation", "siloname", "hostname", "status", "proxyport", "suspecttimes", "starttime", "iamalivetime"],
    };

    /// <summary>
    /// The schema whose tables a silo would use: the cluster's own where anything of them is there, else <c>public</c> where it has all of them. Another
    /// program's use of Orleans may have left some in <c>public</c>: those are none of ours.
    /// </summary>
    /// <returns>The schema, null where there is none, and whether all of the tables are in it.</returns>
    public (string? Schema, bool Whole) Place()
    {
        var found = Rows(
                "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY ($1) AND tablename = ANY ($2)", SearchPath.Split(','), Columns.Keys.ToArray())
            .GroupBy(row => row.First).ToDictionary(tables => tables.Key, tables => tables.Count() == Columns.Count, StringComparer.Ordinal);
        if (found.TryGetValue(OwnSchema, out var whole)) return (OwnSchema, whole);
        return found.GetValueOrDefault("public") ? ("public", true) : (null, false);
    }

    /// <summary>The keys that a silo asks for and these tables do not have, in order.</summary>
    public IReadOnlyList<string> MissingQueries(string schema)
    {
        var known = Rows($"SELECT QueryKey, '' FROM {schema}.OrleansQuery").Select(row => row.First);
        return [.. Queries.Except(known, StringComparer.Ordinal)];
    }

    /// <exception cref="StorageException">They have another form than what a silo reads and writes.</exception>
    public void Check(string schema)
    {
        var types = Rows(
                "SELECT table_name || '.' || column_name, data_type FROM information_schema.columns WHERE table_schema = $1", schema)
            .ToDictionary(row => row.First, row => row.Second, StringComparer.Ordinal);
        var wrong = new List<string>();
        foreach (var column in Columns.SelectMany(table => table.Value, (table, column) => $"{table.Key}.{column}"))
        {
            if (!types.TryGetValue(column, out var type)) wrong.Add($"{column} is missing");
            else if (column.EndsWith("time", StringComparison.Ordinal) && type != "timestamp with time zone")
                wrong.Add($"{column} is a {type} and has to be a timestamp with time zone");
        }
        if (wrong.Count > 0)
        {
            throw new StorageException(
                $"{description} has tables of a cluster in its schema {schema} that silos cannot use: {string.Join("; ", wrong)}. "
                + "Bring them up to date with the scripts they were made by (those of Orleans before 3.6.0 kept times without a zone), or name another database.");
        }
    }

    private List<(string First, string Second)> Rows(string sql, params ReadOnlySpan<object> values)
    {
        using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        using var reader = command.ExecuteReader();
        var rows = new List<(string, string)>();
        while (reader.Read()) rows.Add((reader.GetString(0), reader.GetString(1)));
        return rows;
    }
}
