using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Shared;
using Repro.Studies;

namespace Repro.Results.Tests.Stores.Membership;

public sealed class MembershipSchemaTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    // What a database has that was set up for another program's Orleans: the tables' form as its own scripts make it, the texts any.
    private const string OrleansTables =
        """
        CREATE TABLE OrleansQuery (QueryKey varchar(64) PRIMARY KEY, QueryText varchar(8000) NOT NULL);
        CREATE TABLE OrleansMembershipVersionTable (DeploymentId varchar(150) PRIMARY KEY, Timestamp timestamptz(3) NOT NULL DEFAULT now(), Version integer NOT NULL DEFAULT 0);
        CREATE TABLE OrleansMembershipTable (
            DeploymentId varchar(150) NOT NULL REFERENCES OrleansMembershipVersionTable, Address varchar(45) NOT NULL, Port integer NOT NULL, Generation integer NOT NULL,
            SiloName varchar(150) NOT NULL, HostName varchar(150) NOT NULL, Status integer NOT NULL, ProxyPort integer, SuspectTimes varchar(8000),
            StartTime timestamptz(3) NOT NULL, IAmAliveTime timestamptz(3) NOT NULL, PRIMARY KEY (DeploymentId, Address, Port, Generation));
        """;

    [SkippableFact]
    public void An_empty_database_gets_the_tables_in_a_schema_of_their_own_and_a_second_time_nothing()
    {
        using var database = Empty();
        var first = MembershipSchema.Apply(database.Address);
        Assert.Equal(("repro", false), (first.Schema, first.Found));
        Assert.Equal(["001-tables.sql", "002-queries.sql"], first.Scripts);
        Assert.Equal(MembershipDatabase.Queries.Keys.Order(StringComparer.Ordinal), first.Added);
        Assert.Equal("repro", database.Execute("SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = 'OrleansMembershipTable'::regclass"));

        var state = State(database);
        AssertNothingDone("repro", MembershipSchema.Apply(database.Address));
        Assert.Equal(state, State(database));
    }

    [SkippableFact]
    public void Sweeps_and_cluster_share_a_database_whichever_comes_first()
    {
        using var database = Empty();
        using (new PostgresStore(database.Address)) MembershipSchema.Apply(database.Address);
        using var other = Empty();
        MembershipSchema.Apply(other.Address);
        using var store = new PostgresStore(other.Address);
        Assert.Empty(store.Sweeps());
    }

    [SkippableFact]
    public void Several_that_apply_at_once_leave_one_set_of_tables()
    {
        using var database = Empty();
        var changes = AtOnce.Make(6, i =>
        {
            if (i % 2 == 0) new PostgresStore(database.Address).Dispose();
            return MembershipSchema.Apply(database.Address);
        });
        Assert.Single(changes, change => change.Scripts.Count > 0);
        Assert.Equal(9L, database.Execute("SELECT count(*) FROM OrleansQuery"));
        Assert.Equal(1L, database.Execute("SELECT count(*) FROM repro.membership_version"));
    }

    [SkippableFact]
    public void Tables_of_a_newer_program_are_refused_and_left_as_they_are()
    {
        using var database = Empty();
        MembershipSchema.Apply(database.Address);
        database.Execute("UPDATE repro.membership_version SET version = 99");
        database.Execute("DELETE FROM OrleansQuery WHERE QueryKey = 'GatewaysQueryKey'");
        var state = State(database);
        var error = Assert.Throws<StorageException>(() => MembershipSchema.Apply(database.Address));
        Assert.Contains("were made by a newer version of Repro (schema 99; this program knows 2)", error.Message, StringComparison.Ordinal);
        Assert.Equal(state, State(database));
    }

    [SkippableFact]
    public void Tables_of_an_older_program_get_what_came_since()
    {
        using var database = Empty();
        MembershipSchema.Apply(database.Address);
        database.Execute("UPDATE repro.membership_version SET version = 1");
        database.Execute("DELETE FROM OrleansQuery WHERE QueryKey LIKE 'M%'");
        Assert.Equal(["MembershipReadAllKey", "MembershipReadRowKey"], MembershipSchema.Apply(database.Address).Added);
        Assert.Equal(2, database.Execute("SELECT max(version) FROM repro.membership_version"));
        AssertNothingDone("repro", MembershipSchema.Apply(database.Address));
    }

    [SkippableFact]
    public void Tables_that_orleans_own_scripts_made_serve_and_get_only_the_queries_that_they_lack()
    {
        using var database = Empty();
        database.Execute(OrleansTables);
        foreach (var key in MembershipDatabase.Queries.Keys.Where(key => key != "CleanupDefunctSiloEntriesKey"))
            database.Execute($"INSERT INTO OrleansQuery VALUES ('{key}', 'its own')");
        database.Execute("INSERT INTO OrleansQuery VALUES ('ReadReminderRowsKey', 'another thing')");
        var change = MembershipSchema.Apply(database.Address);
        Assert.Equal(("public", true), (change.Schema, change.Found));
        Assert.Equal(["CleanupDefunctSiloEntriesKey"], change.Added);
        Assert.Equal(9L, database.Execute("SELECT count(*) FROM public.OrleansQuery WHERE QueryText IN ('its own', 'another thing')"));
        Assert.Equal(DBNull.Value, database.Execute("SELECT to_regclass('repro.orleansquery')::text"));
        AssertNothingDone("public", MembershipSchema.Apply(database.Address));
    }

    [SkippableFact]
    public void Whole_tables_that_somebody_else_made_are_left_as_they_are()
    {
        using var database = Empty();
        database.Execute(OrleansTables);
        foreach (var key in MembershipDatabase.Queries.Keys) database.Execute($"INSERT INTO OrleansQuery VALUES ('{key}', 'its own')");
        var state = State(database);
        AssertNothingDone("public", MembershipSchema.Apply(database.Address));
        Assert.Equal(state, State(database));
    }

    [SkippableFact]
    public void Our_queries_work_on_tables_that_orleans_own_scripts_made()
    {
        using var database = Empty();
        database.Execute(OrleansTables);
        Assert.Equal(9, MembershipSchema.Apply(database.Address).Added.Count);
        Assert.True(database.Ask("InsertMembershipVersionKey"));
        var now = new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc);
        (string, object?)[] silo = [("Address", "127.0.0.1"), ("Port", 1), ("Generation", 2)];
        Assert.True(database.Ask("InsertMembershipKey",
            [.. silo, ("SiloName", "s"), ("HostName", "h"), ("Status", 2), ("ProxyPort", 3), ("StartTime", now), ("IAmAliveTime", now), ("Version", 0)]));
        Assert.True(database.Ask("UpdateMembershipKey", [.. silo, ("IAmAliveTime", now), ("Status", 6), ("SuspectTimes", null), ("Version", 1)]));
        database.Call("CleanupDefunctSiloEntriesKey", ("IAmAliveTime", now.AddDays(1)));
        Assert.Equal(DBNull.Value, Assert.Single(database.Call("MembershipReadAllKey"))["Address"]);
        database.Call("DeleteMembershipTableEntriesKey");
        Assert.Empty(database.Call("MembershipReadAllKey"));
    }

    [SkippableFact]
    public void What_another_program_s_orleans_left_in_public_is_none_of_ours()
    {
        using var database = Empty();
        database.Execute("CREATE TABLE public.OrleansQuery (QueryKey varchar(64) PRIMARY KEY, QueryText varchar(8000) NOT NULL)");
        var change = MembershipSchema.Apply(database.Address);
        Assert.Equal(("repro", false), (change.Schema, change.Found));
        Assert.Equal(0L, database.Execute("SELECT count(*) FROM public.OrleansQuery"));
        Assert.Equal(9, database.Texts().Count);
    }

    [SkippableFact]
    public void Tables_that_silos_cannot_use_are_refused_and_named()
    {
        using var database = Empty();
        database.Execute(OrleansTables.Replace("timestamptz", "timestamp", StringComparison.Ordinal).Replace("SiloName varchar(150) NOT NULL,", "", StringComparison.Ordinal));
        var state = State(database);
        var error = Assert.Throws<StorageException>(() => MembershipSchema.Apply(database.Address));
        Assert.Contains("in its schema public", error.Message, StringComparison.Ordinal);
        Assert.Contains("orleansmembershiptable.siloname is missing", error.Message, StringComparison.Ordinal);
        Assert.Contains("orleansmembershiptable.starttime is a timestamp without time zone", error.Message, StringComparison.Ordinal);
        Assert.Equal(state, State(database));
    }

    [SkippableFact]
    public void A_server_that_cannot_be_reached_is_named_and_no_password_with_it()
    {
        Skip.IfNot(server.Available, PostgresServer.Missing);
        var error = Assert.Throws<StorageException>(() => MembershipSchema.Apply($"postgres://repro:geheim@127.0.0.1:{server.Port}/nowhere"));
        Assert.StartsWith($"PostgreSQL, 127.0.0.1:{server.Port}/nowhere refused", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", error.Message, StringComparison.Ordinal);
        var nobody = Assert.Throws<StorageException>(() => MembershipSchema.Apply("postgres://repro:geheim@127.0.0.1:1/nowhere"));
        Assert.StartsWith("PostgreSQL, 127.0.0.1:1/nowhere cannot be reached", nobody.Message, StringComparison.Ordinal);
        Assert.Throws<BadInputException>(() => MembershipSchema.Apply("sqlite:here"));
    }

    private MembershipDatabase Empty()
    {
        Skip.IfNot(server.Available, PostgresServer.Missing);
        return new MembershipDatabase(server, apply: false);
    }

    private static void AssertNothingDone(string schema, MembershipChange change)
    {
        Assert.Equal((schema, true), (change.Schema, change.Found));
        Assert.Empty(change.Added);
        Assert.Empty(change.Scripts);
    }

    /// <summary>Everything of the database that an application could change: the rows of its catalogs with the transactions that wrote them, and the queries.</summary>
    private static string State(MembershipDatabase database) => (string)database.Execute(
        """
        SELECT concat_ws(E'\n',
            (SELECT string_agg(nspname || xmin::text, ',' ORDER BY nspname) FROM pg_namespace WHERE nspname !~ '^pg_'),
            (SELECT string_agg(relname || xmin::text, ',' ORDER BY relnamespace, relname) FROM pg_class WHERE relnamespace::regnamespace::text IN ('repro', 'public')),
            (SELECT string_agg(QueryKey || QueryText || xmin::text, ',' ORDER BY QueryKey) FROM OrleansQuery))
        """)!;
}
