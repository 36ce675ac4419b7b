using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Repro.Shared;

/// <summary>A real PostgreSQL server of one's own: its data in a folder of its own, on a free port of the loopback, gone at the end. For tests and benchmarks.</summary>
public sealed class PostgresServer : IDisposable
{
    public const string Missing = "PostgreSQL's server is not installed (apt-get install postgresql).";

    private readonly string _folder = Directory.CreateTempSubdirectory("repro-postgres-").FullName;
    private readonly string? _programs = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
        : null;

    private int _databases;

    private readonly string _address;

    /// <summary>On the loopback alone.</summary>
    public PostgresServer()
        : this("127.0.0.1")
    {
    }

    private PostgresServer(string address)
    {
        _address = address;
        if (!Available) return;
        Port = FreePort();
        // The server refuses to run as root.
        if (Environment.UserName == "root") Run("chown", "postgres", _folder);
        Run([.. AsPostgres, Program("initdb"), "--pgdata", Data, "--username", "repro", "--auth", "trust", "--no-locale", "--encoding", "UTF8"]);
        if (address != "127.0.0.1") File.AppendAllText(Path.Combine(Data, "pg_hba.conf"), $"host all all {address}/16 trust\n");
        Start();
    }

    /// <param name="address">Where it listens; beside the loopback, where that is another one, it trusts the network of 16 bits around it.</param>
    public static PostgresServer At(string address) => new(address);

    /// <summary>Whether its programs are installed; without them there is no server, and nothing else may be called.</summary>
    public bool Available => _programs is not null;

    public int Port { get; }

    private string Data => Path.Combine(_folder, "data");

    private static string[] AsPostgres => Environment.UserName == "root" ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];

    /// <summary>The address of a new, empty database.</summary>
    public string NewDatabase()
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        Run(Program("createdb"), "--host", "127.0.0.1", "--port", $"{Port}", "--username", "repro", name);
        return $"postgres://repro@{_address}:{Port}/{name}";
    }

    /// <summary>Returns when it takes connections.</summary>
    public void Start() => Run(
        [.. AsPostgres, Program("pg_ctl"), "--pgdata", Data, "--wait", "--silent", "--log", Path.Combine(Data, "server.log"),
            "--options", $"-p {Port} -c listen_addresses=127.0.0.1,{_address} -c unix_socket_directories=", "start"]);

    /// <summary>As the kernel would end it: no goodbye, nothing flushed.</summary>
    public void Kill() => Run("kill", "-9", File.ReadLines(Path.Combine(Data, "postmaster.pid")).First());

    /// <summary>Starts it after <see cref="Kill"/>: what it had left running needs a moment to notice, and until then it refuses.</summary>
    public void Restart()
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                Start();
                return;
            }
            catch (InvalidOperationException) when (tries < 20)
            {
                // pg_ctl has waited a while itself.
            }
        }
    }

    public void Dispose()
    {
        if (File.Exists(Path.Combine(Data, "postmaster.pid"))) Run([.. AsPostgres, Program("pg_ctl"), "--pgdata", Data, "--silent", "--mode", "immediate", "stop"]);
        Directory.Delete(_folder, recursive: true);
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
        // The server inherits what is redirected to here, which would then be waited for. Only errors are worth a screen.
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >/dev/null", "sh", .. command]) { WorkingDirectory = "/" })!;
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}");
    }
}
