using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Repro.Cli.Tests.Fakes;
using Repro.Cluster;
using Repro.Results.Objects;
using Repro.Results.Stores;
using Repro.Shared;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;
using Repro.Workers.Silos;

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
    public void Who_asks_something_of_a_cluster_is_told_what_is_so()
    {
        Skip.IfNot(ClusterPackages.CompiledIn, ClusterPackages.Reason);
        using var one = Silo("one", 1);
        using (var twin = ReproProcess.StartBuilt([.. SiloWords("one", 1), "--gateway-port", $"{FreePort()}", "--runs", _runs]))
        {
            Assert.Equal(2, twin.End());
            Assert.StartsWith($"A silo called one works here already (process {one.Id} on {Environment.MachineName}). Give this one a name of its own: --name NAME.", twin.Error, StringComparison.Ordinal);
        }
        using (var drain = Client("cluster", "drain", "onee", "--json"))
        {
            Assert.Equal(2, drain.End());
            Assert.Equal("There is no silo 'onee'. Silos, nearest first: one.\n", drain.Error);
        }

        // Its workers find no engine; the other trains all the same.
        using var two = Joined(ReproProcess.StartBuilt(("REPRO_TORCH_SHIM", Path.Combine(_runs, "none")), [.. SiloWords("two", 1), "--gateway-port", $"{FreePort()}", "--runs", _runs]));
        using var following = Client(["sweep", .. Search, "--trials", "2", "--set", "steps=1000000", "--name", "long", "--needs", "memory=1MiB"]);
        following.WaitFor(Started(attempt: 1));
        var passedOver = following.WaitFor(line => (string?)line["event"] == "passed_over");
        Assert.Equal("two", (string)passedOver["silo"]!);
        Assert.Contains("The sweep's program does not start on this machine", (string)passedOver["why"]!, StringComparison.Ordinal);

        using (var again = Client("resume", "long", "--cluster", "--detach", "--checkpoint-every", "7", "--json")) Assert.Equal(0, again.End());
        Assert.Equal((7, 300, "memory=1MiB"), TermsOf("long"));
        using (var more = Client("sweep", "long", "--extend", "1", "--json"))
        {
            Assert.Equal(0, more.End());
            Assert.Contains("long: the cluster goes on with it", more.Error, StringComparison.Ordinal);
        }
        using (var asker = new CommandLine { Change = same => same with { Time = new PatientTime() } })
        {
            var cancelled = asker.Bare("cancel", "long", "--runs", _runs, "--json");
            Assert.Equal((0, "cancelled", true), (cancelled.Code, (string)cancelled.Last["status"]!, (bool)cancelled.Last["cluster_told"]!));
        }
        Assert.Equal(0, following.End());
        Assert.Equal("cancelled", (string)following.Last["status"]!);

        using (var brief = Client(["sweep", .. Search, "--trials", "1000", "--wall-time", "1s", "--name", "brief", "--priority", "3"]))
        {
            Assert.Equal(0, brief.End());
            Assert.Contains($"To go on for as long again: ./repro resume brief --cluster --runs {_runs}", brief.Error, StringComparison.Ordinal);
        }
        foreach (var leaving in (ReproProcess[])[two, one])
        {
            leaving.Send(ReproProcess.Terminate);
            Assert.Equal(0, leaving.End());
        }
    }

    [SkippableFact]
    public void A_silo_that_sees_another_place_of_objects_than_who_submitted_passes_the_sweep_over_and_names_both()
    {
        Skip.IfNot(ClusterPackages.CompiledIn, ClusterPackages.Reason);
        var (theirs, ours) = (Directory.CreateDirectory(Path.Combine(_runs, "theirs")).FullName, Directory.CreateDirectory(Path.Combine(_runs, "ours")).FullName);
        using (var objects = new FolderObjects(theirs)) objects.Id(makes: true);
        using var silo = Silo("one", 1, "--objects", theirs);
        using var following = Client(["sweep", .. Search, "--trials", "1", "--name", "short", "--objects", ours]);
        var why = (string)following.WaitFor(line => (string?)line["event"] == "passed_over")["why"]!;
        foreach (var place in (string[])[theirs, ours]) Assert.Contains($"the place {File.ReadAllText(Path.Combine(place, IObjectStore.Marker)).Trim()}", why, StringComparison.Ordinal);
        Assert.Contains($"the folder {theirs}", why, StringComparison.Ordinal);
        using (var mistaken = Client("resume", "short", "--cluster", "--objects", theirs, "--json"))
        {
            Assert.Equal(2, mistaken.End());
            Assert.Contains("The sweep's objects are in the place ", mistaken.Error, StringComparison.Ordinal);
        }
        // Taken back, and given again from a machine that lacks the data: they are asked of the silos all the same, were one to take it.
        using (var withdrawn = Client("cluster", "withdraw", "short", "--json")) Assert.Equal(0, withdrawn.End());
        Tag("short", "cluster.data.cifar-10", "c1fa");
        using (var again = Client("resume", "short", "--cluster", "--detach", "--objects", theirs, "--json", "--data-dir", theirs, "--needs", "gpus=64")) Assert.Equal(0, again.End());
        Tag("short", "cluster.data.cifar-10", null);
        // Taken back, and given again with the place that the silo sees: its objects lie in a folder of its own there.
        using (var withdrawn = Client("cluster", "withdraw", "short", "--json")) Assert.Equal(0, withdrawn.End());
        using (var again = Client("resume", "short", "--cluster", "--objects", theirs, "--json", "--needs", "memory=1MiB"))
        {
            Assert.Equal(0, again.End());
            Assert.Equal("completed", (string)again.Last["status"]!);
        }
        Assert.Matches("^short-[0-9a-f]{8}$", Path.GetFileName(Assert.Single(Directory.GetDirectories(Path.Combine(theirs, "sweeps")))));
        silo.Send(ReproProcess.Terminate);
        Assert.Equal(0, silo.End());
    }

    [SkippableTheory]
    [InlineData("cluster", "status")]
    [InlineData("cluster", "drain", "one")]
    [InlineData("cluster", "withdraw", "lr")]
    [InlineData("resume", "lr", "--cluster")]
    public void Who_waits_for_a_cluster_is_told_so_and_may_stop(params string[] question)
    {
        Skip.IfNot(ClusterPackages.CompiledIn, ClusterPackages.Reason);
        using var server = new PostgresServer();
        Skip.IfNot(server.Available, PostgresServer.Missing);
        var store = server.NewDatabase();
        MembershipSchema.Apply(store);
        using (var sweeps = new PostgresStore(store))
        {
            var coordinator = new Coordinator(sweeps, "lr", FilledSweep.Search(2), host: null, TimeProvider.System);
            coordinator.Decide([decision => decision.Create(seed: 7, Configuration.Parse("learning_rate=0.1"))]);
            if (question[0] == "cluster") sweeps.Renew("lr", ClusterSweep.LeaseOf("repro"), TimeSpan.FromDays(1));
        }
        using var asking = ReproProcess.Start([.. question, "--store", store, "--runs", _runs, "--json"]);
        asking.WaitFor(line => (string?)line["event"] == "waiting");
        asking.Send(ReproProcess.Interrupt);
        Assert.Equal(130, asking.End());
        Assert.Equal("cancelled", (string)asking.Last["status"]!);
        Assert.Matches(@"^No silo of the cluster has answered yet; it is waited for until \d\d:\d\d:\d\d\. Ctrl-C ends the waiting\.\nNo longer waiting for the cluster\.[^\n]*\nStopped on request\.\n$", asking.Error);
    }

    [SkippableFact]
    public async Task Of_two_silos_of_one_name_that_begin_at_the_same_moment_one_joins()
    {
        Skip.IfNot(ClusterPackages.CompiledIn, ClusterPackages.Reason);
        using var server = new PostgresServer();
        Skip.IfNot(server.Available, PostgresServer.Missing);
        var store = server.NewDatabase();
        using var one = Twin();
        using var two = Twin();
        var (ones, twos) = (Task.Run(() => Joined(one)), Task.Run(() => Joined(two)));
        var first = await await Task.WhenAny(ones, twos);
        var (second, never) = first == one ? (two, twos) : (one, ones);
        await Assert.ThrowsAsync<InvalidOperationException>(() => never);
        Assert.Equal(2, second.End());
        Assert.Contains("A silo called twin is in the cluster already, at 127.0.0.1:", second.Error, StringComparison.Ordinal);
        first.Send(ReproProcess.Terminate);
        Assert.Equal(0, first.End());

        ReproProcess Twin() => ReproProcess.StartBuilt([.. SiloWords("twin", 1), "--gateway-port", $"{FreePort()}", "--store", store, "--runs", _runs]);
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

    // As a machine with the data leaves it; null takes it away again, where it still is.
    private void Tag(string sweep, string tag, string? text)
    {
        using var store = new SqliteStore(Path.Combine(_runs, "sweeps.db"));
        new Coordinator(store, sweep, FilledSweep.Search(1), host: null, TimeProvider.System).Decide([decision =>
        {
            if (text is null) Assert.Equal("c1fa", decision.State.Tags[tag]);
            decision.Tag(null, tag, text);
        }]);
    }

    private static Func<JsonObject, bool> Started(int attempt) => line => (string?)line["event"] == "run_started" && (int)line["attempt"]! == attempt;

    private ReproProcess Client(params string[] arguments) => ReproProcess.StartBuilt([.. arguments, "--runs", _runs]);

    private ReproProcess Silo(string name, int slots, params string[] tls)
    {
        return Joined(ReproProcess.StartBuilt([.. SiloWords(name, slots), "--gateway-port", $"{FreePort()}", .. tls, "--runs", _runs]));
    }

    private static ReproProcess Joined(ReproProcess silo)
    {
        silo.WaitFor(line => (string?)line["event"] == "joined");
        return silo;
    }

    private (double CheckpointEvery, double Patience, string Needs) TermsOf(string sweep)
    {
        using var store = new SqliteStore(Path.Combine(_runs, "sweeps.db"));
        var state = new SweepState();
        foreach (var happened in store.Read(sweep)) state.Apply(happened);
        var terms = SweepTerms.Of(state.Tags);
        return (terms.CheckpointEvery.TotalSeconds, terms.Patience.TotalSeconds, terms.Needs.ToString());
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

    /// <summary>On which nobody's patience of seconds ends, and the pauses between tries do.</summary>
    private sealed class PatientTime : TimeProvider
    {
        public override long GetTimestamp() => 0;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, dueTime < TimeSpan.FromSeconds(2) ? dueTime : Timeout.InfiniteTimeSpan, period);
    }
}
