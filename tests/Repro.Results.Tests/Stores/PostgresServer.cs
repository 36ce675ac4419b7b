using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Repro.Studies.Sweeps;

namespace Repro.Results.Tests.Stores;

/// <summary>A real PostgreSQL server of the tests' own: its data in a folder of its own, on a free port of the loopback, gone at the end.</summary>
public sealed class PostgresServer : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string? _programs = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
        : null;

    private int _databases;

    public PostgresServer()
    {
        if (_programs is null) return;
        Port = FreePort();
        // The server refuses to run as root.
        if (Environment.UserName == "root") Run("chown", "postgres", _folder.Path);
        Run([.. AsPostgres, Program("initdb"), "--pgdata", Data, "--username", "repro", "--auth", "trust", "--no-locale", "--encoding", "UTF8"]);
        Start();
    }

    public int Port { get; }

    private string Data => _folder.File("data");

    private static string[] AsPostgres => Environment.UserName == "root" ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];

    /// <summary>The address of a new, empty database.</summary>
    public string NewDatabase()
    {
        Skip.If(_programs is null, "PostgreSQL's server is not installed (apt-get install postgresql).");
        var name = $"test{Interlocked.Increment(ref _databases)}";
        Run(Program("createdb"), "--host", "127.0.0.1", "--port", $"{Port}", "--username", "repro", name);
        return $"postgres://repro@127.0.0.1:{Port}/{name}";
    }

    /// <summary>Returns when it takes connections.</summary>
    public void Start() => Run(
        [.. AsPostgres, Program("pg_ctl"), "--pgdata", Data, "--wait", "--silent", "--log", _folder.File("data/server.log"),
            "--options", $"-p {Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=", "start"]);

    /// <summary>As the kernel would end it: no goodbye, nothing flushed.</summary>
    public void Kill() => Run("kill", "-9", File.ReadLines(Path.Combine(Data, "postmaster.pid")).First());

    public void Dispose()
    {
        if (File.Exists(Path.Combine(Data, "postmaster.pid"))) Run([.. AsPostgres, Program("pg_ctl"), "--pgdata", Data, "--silent", "--mode", "immediate", "stop"]);
        _folder.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private string Program(string name) => Path.Combine(_programs!, name);

    private static void Run(params string[] command)
    {
        // The server inherits what is not redirected, so its own output must not be waited for.
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = "/" })!;
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)} ended with {process.ExitCode}");
    }
}

public sealed class PostgresStoreTests(PostgresServer server) : SweepStoreContract, IClassFixture<PostgresServer>
{
    private string? _address;

    protected override ISweepStore Open() => new Repro.Results.Stores.PostgresStore(_address ??= server.NewDatabase());

    // The database's clock cannot be set; its leases can be made older.
    protected override void Advance(TimeSpan time)
    {
        using var source = Npgsql.NpgsqlDataSource.Create($"Host=127.0.0.1;Port={server.Port};Username=repro;Database={new Uri(_address!).AbsolutePath[1..]}");
        using var command = source.CreateCommand("UPDATE repro.leases SET until = until - $1");
        command.Parameters.Add(new Npgsql.NpgsqlParameter { Value = time });
        command.ExecuteNonQuery();
    }

    public override void Dispose()
    {
    }
}
