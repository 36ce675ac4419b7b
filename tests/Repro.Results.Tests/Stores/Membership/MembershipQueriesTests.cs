using System.Text.RegularExpressions;
using Repro.Shared;

namespace Repro.Results.Tests.Stores.Membership;

/// <summary>The queries do what Orleans' membership asks of its table.</summary>
public sealed partial class MembershipQueriesTests(PostgresServer server) : IClassFixture<PostgresServer>, IDisposable
{
    private const int Joining = 2, Active = 3, Dead = 6;

    private static readonly DateTime Start = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    private MembershipDatabase? _database;

    private MembershipDatabase Database
    {
        get
        {
            Skip.IfNot(server.Available, PostgresServer.Missing);
            return _database ??= new MembershipDatabase(server);
        }
    }

    private int Version => (int)Assert.Single(ReadAll().Select(row => row["Version"]).Distinct());

    public void Dispose() => _database?.Dispose();

    [SkippableFact]
    public void Every_query_that_orleans_asks_for_is_there_with_the_parameters_that_it_gives()
    {
        var texts = Database.Texts();
        Assert.Equal(MembershipDatabase.Queries.Keys.Order(StringComparer.Ordinal), texts.Keys.Order(StringComparer.Ordinal));
        foreach (var (key, parameters) in MembershipDatabase.Queries)
            Assert.Equal(parameters.Order(StringComparer.Ordinal), Parameter().Matches(texts[key]).Select(m => m.Groups[1].Value).Distinct().Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    public void A_cluster_gets_its_version_once()
    {
        Assert.True(Database.Ask("InsertMembershipVersionKey"));
        Assert.False(Database.Ask("InsertMembershipVersionKey"));
        Assert.Equal(0, Version);
    }

    [SkippableFact]
    public void A_cluster_without_silos_reads_as_a_version_alone()
    {
        Assert.Empty(ReadAll());
        Database.Ask("InsertMembershipVersionKey");
        var row = Assert.Single(ReadAll());
        Assert.Equal((0, DBNull.Value), (row["Version"], row["StartTime"]));
        Assert.Equal((0, DBNull.Value), (Assert.Single(ReadRow(11111))["Version"], Assert.Single(ReadRow(11111))["StartTime"]));
    }

    [SkippableFact]
    public void A_silo_that_joins_reads_as_it_was_written_and_moves_the_version_by_one()
    {
        Database.Ask("InsertMembershipVersionKey");
        Assert.True(Insert(11111, version: 0));
        var row = Assert.Single(ReadAll());
        Assert.Equal(1, row["Version"]);
        Assert.Equal((MembershipDatabase.Cluster, "::1", 11111, 7), (row["DeploymentId"], row["Address"], row["Port"], row["Generation"]));
        Assert.Equal(("gpu-11111", "host", Joining, 30000), (row["SiloName"], row["HostName"], row["Status"], row["ProxyPort"]));
        Assert.Equal((DBNull.Value, Start, Start), (row["SuspectTimes"], row["StartTime"], row["IAmAliveTime"]));
        Assert.Equal(row, Assert.Single(ReadRow(11111)));
    }

    [SkippableFact]
    public void A_silo_joins_once_and_only_over_the_version_that_it_has_read()
    {
        Database.Ask("InsertMembershipVersionKey");
        Assert.False(Insert(11111, version: 1));
        Assert.True(Insert(11111, version: 0));
        Assert.False(Insert(11111, version: 1));
        Assert.False(Insert(11112, version: 0));
        Assert.Equal(1, Version);
        Assert.True(Insert(11112, version: 1));
        Assert.Equal(2, Version);
        Assert.Equal(2, ReadAll().Count);
    }

    [SkippableFact]
    public void A_silo_without_a_cluster_does_not_join()
    {
        Assert.False(Insert(11111, version: 0));
        Assert.Empty(ReadAll());
    }

    [SkippableFact]
    public void Of_silos_that_join_over_the_same_version_at_once_one_does()
    {
        Database.Ask("InsertMembershipVersionKey");
        var joined = AtOnce.Make(8, i => Insert(11111 + i, version: 0));
        Assert.Single(joined, did => did);
        Assert.Equal(1, Version);
        Assert.Single(ReadAll());
    }

    [SkippableFact]
    public void Of_changes_over_the_same_version_at_once_one_happens()
    {
        Database.Ask("InsertMembershipVersionKey");
        for (var i = 0; i < 8; i++) Insert(11111 + i, version: i);
        Assert.Single(AtOnce.Make(8, i => Update(11111 + i, Dead, "someone", version: 8)), did => did);
        Assert.Equal(9, Version);
        Assert.Single(ReadAll(), row => (int)row["Status"] == Dead);
    }

    [SkippableFact]
    public void A_change_replaces_status_suspicions_and_time_and_moves_the_version_by_one()
    {
        Database.Ask("InsertMembershipVersionKey");
        Insert(11111, version: 0);
        Insert(11112, version: 1);
        var untouched = Assert.Single(ReadRow(11112));
        Assert.True(Update(11111, Active, "S127.0.0.1:2:3,2026-03-01 12:00:00.000 GMT", version: 2));
        var row = Assert.Single(ReadRow(11111));
        Assert.Equal((Active, "S127.0.0.1:2:3,2026-03-01 12:00:00.000 GMT", Start.AddMinutes(1), 3), (row["Status"], row["SuspectTimes"], row["IAmAliveTime"], row["Version"]));
        Assert.Equal((Start, "gpu-11111"), (row["StartTime"], row["SiloName"]));
        Assert.True(Update(11111, Active, null, version: 3));
        Assert.Equal(DBNull.Value, Assert.Single(ReadRow(11111))["SuspectTimes"]);
        untouched["Version"] = 4;
        Assert.Equal(untouched, Assert.Single(ReadRow(11112)));
    }

    [SkippableFact]
    public void A_change_over_another_version_or_of_an_unknown_silo_is_refused_and_changes_nothing()
    {
        Database.Ask("InsertMembershipVersionKey");
        Insert(11111, version: 0);
        var before = ReadAll();
        Assert.False(Update(11111, Dead, "someone", version: 0));
        Assert.False(Update(11111, Dead, "someone", version: 2));
        Assert.False(Update(11112, Dead, "someone", version: 1));
        Assert.Equal(before, ReadAll());
    }

    [SkippableFact]
    public void A_sign_of_life_changes_its_time_and_nothing_else()
    {
        Database.Ask("InsertMembershipVersionKey");
        Insert(11111, version: 0);
        Insert(11112, version: 1);
        var expected = ReadAll().OrderBy(row => row["Port"]).ToList();
        expected[0]["IAmAliveTime"] = Start.AddHours(1);
        Assert.Empty(Database.Call("UpdateIAmAlivetimeKey", [.. Silo(11111), ("IAmAliveTime", Start.AddHours(1))]));
        Assert.Equal(expected, ReadAll().OrderBy(row => row["Port"]));
    }

    [SkippableFact]
    public void Gateways_are_the_silos_of_the_status_asked_for_that_let_clients_in()
    {
        Database.Ask("InsertMembershipVersionKey");
        Insert(11111, version: 0);
        Insert(11112, version: 1);
        Insert(11113, version: 2, proxyPort: 0);
        Update(11111, Active, null, version: 3);
        Update(11113, Active, null, version: 4);
        var gateway = Assert.Single(Database.Call("GatewaysQueryKey", ("Status", Active)));
        Assert.Equal(("::1", 30000, 7), (gateway["Address"], gateway["ProxyPort"], gateway["Generation"]));
    }

    [SkippableFact]
    public void Cleaning_takes_who_is_not_active_and_was_last_heard_of_before()
    {
        Database.Ask("InsertMembershipVersionKey");
        int[] statuses = [Joining, Active, Dead, Dead];
        for (var i = 0; i < statuses.Length; i++)
        {
            Insert(11111 + i, version: 2 * i);
            Update(11111 + i, statuses[i], null, version: 2 * i + 1);
        }
        // The last one was heard of at the very moment.
        Database.Call("UpdateIAmAlivetimeKey", [.. Silo(11114), ("IAmAliveTime", Start.AddHours(1))]);
        Assert.Empty(Database.Call("CleanupDefunctSiloEntriesKey", ("IAmAliveTime", Start.AddHours(1))));
        Assert.Equal([11112, 11114], ReadAll().Select(row => (int)row["Port"]).Order());
        Assert.Equal(8, Version);
    }

    [SkippableFact]
    public void Deleting_a_cluster_takes_its_rows_and_no_other_cluster_s()
    {
        Database.Ask("InsertMembershipVersionKey");
        Insert(11111, version: 0);
        Database.Execute("INSERT INTO OrleansMembershipVersionTable (DeploymentId) VALUES ('another')");
        Database.Execute("CREATE TEMP TABLE copy AS SELECT * FROM OrleansMembershipTable; UPDATE copy SET DeploymentId = 'another'; INSERT INTO OrleansMembershipTable SELECT * FROM copy");
        Assert.Empty(Database.Call("DeleteMembershipTableEntriesKey"));
        Assert.Empty(ReadAll());
        Assert.Equal("another", Database.Execute("SELECT DeploymentId FROM OrleansMembershipVersionTable JOIN OrleansMembershipTable USING (DeploymentId)"));
    }

    [GeneratedRegex(@"@(\w+)")]
    private static partial Regex Parameter();

    private static (string, object?)[] Silo(int port) => [("Address", "::1"), ("Port", port), ("Generation", 7)];

    private List<Dictionary<string, object>> ReadAll() => Database.Call("MembershipReadAllKey");

    private List<Dictionary<string, object>> ReadRow(int port) => Database.Call("MembershipReadRowKey", Silo(port));

    private bool Insert(int port, int version, int proxyPort = 30000) => Database.Ask("InsertMembershipKey",
    [
        .. Silo(port), ("SiloName", $"gpu-{port}"), ("HostName", "host"), ("Status", Joining), ("ProxyPort", proxyPort),
        ("StartTime", Start), ("IAmAliveTime", Start), ("Version", version),
    ]);

    private bool Update(int port, int status, string? suspects, int version) => Database.Ask("UpdateMembershipKey",
        [.. Silo(port), ("Status", status), ("SuspectTimes", suspects), ("IAmAliveTime", Start.AddMinutes(1)), ("Version", version)]);
}
