using System.Data;
using Npgsql;
using Repro.Results.Stores;
using Repro.Shared;

namespace Repro.Results.Tests.Stores.Membership;

/// <summary>
/// A database with the cluster's tables, and its queries called as Orleans' provider calls them: the text by its key, and exactly the parameters that it
/// gives, with their types. The names were read in Orleans 10.2.2 (DbStoredQueries, RelationalOrleansQueries).
/// </summary>
internal sealed class MembershipDatabase : IDisposable
{
    public const string Cluster = "a cluster";

    private static readonly string[] Silo = ["Address", "Port", "Generation"];

    /// <summary>The parameters of each query.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Queries = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["GatewaysQueryKey"] = ["DeploymentId", "Status"],
        ["MembershipReadRowKey"] = ["DeploymentId", .. Silo],
        ["MembershipReadAllKey"] = ["DeploymentId"],
        ["InsertMembershipVersionKey"] = ["DeploymentId"],
        ["UpdateIAmAlivetimeKey"] = ["DeploymentId", .. Silo, "IAmAliveTime"],
        ["InsertMembershipKey"] = ["DeploymentId", "IAmAliveTime", "SiloName", "HostName", .. Silo, "StartTime", "Status", "ProxyPort", "Version"],
        ["UpdateMembershipKey"] = ["DeploymentId", .. Silo, "IAmAliveTime", "Status", "SuspectTimes", "Version"],
        ["DeleteMembershipTableEntriesKey"] = ["DeploymentId"],
        ["CleanupDefunctSiloEntriesKey"] = ["DeploymentId", "IAmAliveTime"],
    };

    private readonly NpgsqlDataSource _source;

    public MembershipDatabase(PostgresServer server, bool apply = true)
    {
        Address = server.NewDatabase();
        if (apply) MembershipSchema.Apply(Address);
        _source = NpgsqlDataSource.Create(MembershipSchema.ConnectionString(Address));
    }

    public string Address { get; }

    public void Dispose() => _source.Dispose();

    public object? Execute(string sql)
    {
        using var command = _source.CreateCommand(sql);
        return command.ExecuteScalar();
    }

    /// <summary>Every query that is there, by its key, as Orleans reads them.</summary>
    public Dictionary<string, string> Texts()
    {
        using var command = _source.CreateCommand("SELECT QueryKey, QueryText FROM OrleansQuery");
        using var reader = command.ExecuteReader();
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read()) texts.Add((string)reader["QueryKey"], (string)reader["QueryText"]);
        return texts;
    }

    /// <summary>Calls a query; the values have the names of its parameters.</summary>
    public List<Dictionary<string, object>> Call(string key, params (string Name, object? Value)[] values)
    {
        using var command = _source.CreateCommand(Texts()[key]);
        Assert.Equal(Queries[key].Append("").Order(StringComparer.Ordinal), values.Select(v => v.Name).Append("DeploymentId").Append("").Order(StringComparer.Ordinal));
        command.Parameters.Add(Parameter("DeploymentId", Cluster));
        foreach (var (name, value) in values) command.Parameters.Add(Parameter(name, value));
        using var reader = command.ExecuteReader();
        var rows = new List<Dictionary<string, object>>();
        while (reader.Read())
            rows.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, reader.GetValue, StringComparer.OrdinalIgnoreCase));
        return rows;
    }

    /// <summary>Calls a query that answers yes or no: one row of one column.</summary>
    public bool Ask(string key, params (string Name, object? Value)[] values) => Convert.ToBoolean(Assert.Single(Assert.Single(Call(key, values))).Value, null);

    private static NpgsqlParameter Parameter(string name, object? value) => new()
    {
        ParameterName = name, Value = value ?? DBNull.Value, DbType = value switch { int => DbType.Int32, DateTime => DbType.DateTime, _ => DbType.String },
    };
}
