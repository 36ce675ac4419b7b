using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Repro.Cluster;

namespace Repro.Cli.Tests.Processes;

/// <summary>Silos and clients as people start them, on this machine: processes of the shipped program, real Orleans, SQLite, real training on generated images.</summary>
public sealed class ClusterProcessTests : IDisposable
{
    private static readonly string[] Search = ["resnet", "--profile", "smoke", "--vary", "learning_rate=log:1e-3..1", "--skip-checks", "--cluster", "--json"];

    private readonly string _runs = Directory.CreateTempSubdirectory("repro-test-").FullName;

    public void Dispose() => Directory.Delete(_runs, recursive: true);

    [SkippableFact]
    public void A_sweep_is_trained_by_a_silo_handed_over_when_that_drains_and_followed_all_the_while()
    {
        Skip.IfNot(ClusterPackages.CompiledIn, ClusterPackages.Reason);
        using (var silo = Silo("one", 2))
        {
            using (var client = Client(["sweep", .. Search, "--trials", "3", "--name", "short"]))
            {
                Assert.Equal(0, client.End());
                Assert.Equal(("completed", 3), ((string)client.Last["status"]!, (int)client.Last["trials"]!["completed"]!));
            }
            using var following = Client(["sweep", .. Search, "--trials", "2", "--set", "steps=1000000", "--name", "long"]);
            following.WaitFor(Started(attempt: 1));
            following.WaitFor(Started(attempt: 1));
            using (var status = Client("cluster", "status", "--json"))
            {
                Assert.Equal(0, status.End());
                var seen = Assert.Single(status.Last["silos"]!.AsArray())!;
                Assert.Equal("one", (string)seen["name"]!);
                Assert.Equal(["long/0-0", "long/1-0"], seen["slots"]!.AsArray().Select(slot => (string)slot!["run"]!).Order());
                Assert.Equal(2, (int)status.Last["queue"]!.AsArray().Single(place => (string)place!["sweep"]! == "long")!["slots"]!);
            }
            using (var here = Client("resume", "long", "--json"))
            {
                Assert.Equal(2, here.End());
                Assert.Contains("./repro cluster withdraw long", here.Error, StringComparison.Ordinal);
            }
            silo.Send(ReproProcess.Terminate);
            Assert.Equal(0, silo.End());
            Assert.Equal("left", (string)silo.Last["status"]!);
            Assert.DoesNotContain("   at ", silo.Error, StringComparison.Ordinal);
            using (var nobody = Client("cluster", "status")) Assert.Equal(2, nobody.End());

            // Another, on other ports: what the first had written goes on.
            using var next = Silo("two", 2);
            following.WaitFor(Started(attempt: 2));
            using (var cancel = Client("cancel", "long", "--json")) Assert.Equal(0, cancel.End());
            Assert.Equal(0, following.End());
            Assert.Equal("cancelled", (string)following.Last["status"]!);
            next.Send(ReproProcess.Terminate);
            Assert.Equal(0, next.End());
        }
    }

    [SkippableFact]
    public void A_port_that_is_taken_is_named_with_its_option()
    {
        Skip.IfNot(ClusterPackages.CompiledIn, ClusterPackages.Reason);
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var silo = ReproProcess.StartBuilt([.. SiloWords("one", 1), "--gateway-port", $"{port}", "--runs", _runs]);
        Assert.Equal(2, silo.End());
        Assert.StartsWith($"Port {port} is taken on this machine", silo.Error, StringComparison.Ordinal);
        Assert.Contains("--gateway-port", silo.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Silos_and_clients_with_certificates_of_one_authority_work_together_and_nobody_else_gets_in()
    {
        Skip.IfNot(ClusterPackages.CompiledIn, ClusterPackages.Reason);
        Skip.IfNot(HasOpenSsl(), "openssl, which makes the certificates, is not installed.");
        foreach (var authority in (string[])["ours", "theirs"]) OpenSsl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", $"/CN={authority}", "-keyout", $"{authority}.key", "-out", $"{authority}.pem");
        var (silo, client, stranger) = (Certificate("silo", "ours"), Certificate("client", "ours"), Certificate("stranger", "theirs"));

        using var one = Silo("one", 1, silo);
        using var two = Silo("two", 1, silo);
        using (var status = Client(["cluster", "status", "--json", .. client]))
        {
            Assert.Equal(0, status.End());
            Assert.Equal(["one", "two"], status.Last["silos"]!.AsArray().Select(seen => (string)seen!["name"]!).Order());
        }
        using var bare = Client("cluster", "status", "--json");
        using var foreign = Client(["cluster", "status", "--json", .. stranger]);
        Assert.Equal((2, 2), (bare.End(), foreign.End()));
        Assert.Contains("Where the silos speak TLS, so must this: --tls-certificate, --tls-key and --tls-authority.", bare.Error, StringComparison.Ordinal);
        Assert.Contains("certificates that the same authority has signed (--tls-authority)", foreign.Error, StringComparison.Ordinal);
        foreach (var leaving in (ReproProcess[])[two, one])
        {
            leaving.Send(ReproProcess.Terminate);
            Assert.Equal(0, leaving.End());
        }
    }

    private static Func<JsonObject, bool> Started(int attempt) => line => (string?)line["event"] == "run_started" && (int)line["attempt"]! == attempt;

    private ReproProcess Client(params string[] arguments) => ReproProcess.StartBuilt([.. arguments, "--runs", _runs]);

    private ReproProcess Silo(string name, int slots, params string[] tls)
    {
        var silo = ReproProcess.StartBuilt([.. SiloWords(name, slots), "--gateway-port", $"{FreePort()}", .. tls, "--runs", _runs]);
        silo.WaitFor(line => (string?)line["event"] == "joined");
        return silo;
    }

    private static string[] SiloWords(string name, int slots) => ["silo", "--slots", $"cpu:{slots}", "--name", name, "--port", $"{FreePort()}", "--health", "0", "--json"];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private string[] Certificate(string name, string authority)
    {
        OpenSsl("req", "-newkey", "rsa:2048", "-nodes", "-subj", $"/CN={name}", "-keyout", $"{name}.key", "-out", $"{name}.csr");
        OpenSsl("x509", "-req", "-in", $"{name}.csr", "-CA", $"{authority}.pem", "-CAkey", $"{authority}.key", "-CAcreateserial", "-days", "2", "-out", $"{name}.pem");
        // Everybody trusts ours: what differs is what they can show.
        return ["--tls-certificate", Path.Combine(_runs, $"{name}.pem"), "--tls-key", Path.Combine(_runs, $"{name}.key"), "--tls-authority", Path.Combine(_runs, "ours.pem")];
    }

    private static bool HasOpenSsl() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "openssl")));

    private void OpenSsl(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", arguments) { WorkingDirectory = _runs, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, said);
    }
}
