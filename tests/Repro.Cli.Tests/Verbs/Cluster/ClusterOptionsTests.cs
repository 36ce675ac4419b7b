using Repro.Cluster;

namespace Repro.Cli.Tests.Verbs.Cluster;

/// <summary>What the verbs of a cluster refuse before they look for one.</summary>
public sealed class ClusterOptionsTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    public static TheoryData<string> Verbs => ["silo", "cluster", "cluster status", "cluster drain", "cluster withdraw", "cluster init-db"];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Every_verb_has_help_with_examples_of_itself_on_a_page(string verb)
    {
        var result = _cli.Bare([.. verb.Split(' '), "--help"]);
        Assert.Equal(0, result.Code);
        Assert.Contains($"./repro {verb}", result.Out.Split("Examples:")[1], StringComparison.Ordinal);
        Assert.Contains("--json", result.Out, StringComparison.Ordinal);
        Assert.All(result.Out.Split("Examples:")[0].Split('\n'), line => Assert.InRange(line.Length, 0, 100));
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Every_example_parses(string verb)
    {
        var examples = _cli.Bare([.. verb.Split(' '), "--help"]).Out.Split("Examples:")[1].Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("./repro ", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(examples);
        foreach (var example in examples)
        {
            // An option that is wrong keeps the line from being executed, and must be all that is wrong with it.
            var result = _cli.Bare([.. example.Split(' ')[1..], "--no-such-option"]);
            Assert.Equal(2, result.Code);
            Assert.StartsWith("There is no option '--no-such-option'", result.Error, StringComparison.Ordinal);
            Assert.Equal(2, result.Error.TrimEnd('\n').Split('\n').Length);
        }
    }

    [Theory]
    [InlineData("gpu:none", "--slots is gpu:all, gpu:N, cpu:N or N, with N in the range 1 .. 1024; it was 'gpu:none'.")]
    [InlineData("cpu:all", "--slots is gpu:all, gpu:N, cpu:N or N, with N in the range 1 .. 1024; it was 'cpu:all'.")]
    [InlineData("cpu:0", "it was 'cpu:0'.")]
    [InlineData("1025", "it was '1025'.")]
    [InlineData("tpu:1", "it was 'tpu:1'.")]
    [InlineData("gpu:1:2", "it was 'gpu:1:2'.")]
    public void Slots_are_gpus_or_shares_of_the_processor(string slots, string sentence) => Refused(sentence, "silo", "--slots", slots);

    [Theory]
    [InlineData("h200", "every piece is written name=value")]
    [InlineData("gpu=2", "How many of them a run needs is gpus=2")]
    [InlineData("memory=20GiB", "'memory' is what a sweep demands")]
    [InlineData("Rack=b7", "a name is a word of a to z")]
    public void A_label_says_what_a_machine_is(string label, string sentence) => Refused(sentence, "silo", "--label", label);

    [Fact]
    public void A_label_has_one_value() => Refused("The label 'gpu' is given twice, as 'h200' and 'a100'.", "silo", "--label", "gpu=h200", "--label", "gpu=a100");

    [Theory]
    [InlineData("--health", "none", "--health takes a port, or IP:PORT, as 8081 or 0.0.0.0:8081; it was 'none'.")]
    [InlineData("--health", "70000", "it was '70000'.")]
    [InlineData("--port", "0", "--port takes a port, 1 .. 65535; it was 0.")]
    [InlineData("--port", "60000", "--gateway-port takes a port, 1 .. 65535; it was 78889.")]
    [InlineData("--address", "node7", "--address is an IP address; it was 'node7'.")]
    [InlineData("--address", "10.0.0.7", "A cluster without a database is this machine's alone.")]
    [InlineData("--name", "gpu 7", "--name has letters, digits, '-', '_' and '.', at most 100; it was 'gpu 7'.")]
    [InlineData("--drain-patience", "0", "--drain-patience takes seconds in the range 1 .. 86400; it was 0.")]
    [InlineData("--cluster-id", "my cluster", "--cluster-id has letters, digits, '-', '_' and '.', at most 100; it was 'my cluster'.")]
    public void A_silo_says_what_its_options_take(string option, string value, string sentence) => Refused(sentence, "silo", option, value);

    [Theory]
    [InlineData("silo")]
    [InlineData("cluster", "status")]
    [InlineData("sweep", "net/learning-rate", "--cluster")]
    public void A_password_on_the_command_line_is_refused_with_three_better_places(params string[] verb)
    {
        var error = Refused("A password on a command line is shown to everybody on the machine.", [.. verb, "--store", "postgres://repro:secret@127.0.0.1:1/repro"]);
        Assert.All(["PGPASSWORD", "PGPASSFILE", "--password-file FILE"], place => Assert.Contains(place, error, StringComparison.Ordinal));
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_file_that_is_not_there_is_named() => Refused(Path.Combine(_cli.Runs, "none"), "cluster", "status", "--password-file", Path.Combine(_cli.Runs, "none"));

    [Theory]
    [InlineData("--tls-certificate")]
    [InlineData("--tls-key")]
    [InlineData("--tls-authority")]
    public void Tls_in_part_is_none(string option) => Refused("TLS wants all of --tls-certificate, --tls-key and --tls-authority.", "silo", option, "silo.pem");

    [Theory]
    [InlineData("--priority", "3")]
    [InlineData("--needs", "gpus=1")]
    [InlineData("--engine", "any")]
    [InlineData("--objects", "objects")]
    [InlineData("--cluster-id", "other")]
    public void What_a_cluster_is_told_goes_with_a_cluster(string option, string value) =>
        Refused($"{option} goes with --cluster: it says how a sweep is given to a cluster.", "sweep", "net/learning-rate", option, value);

    [Theory]
    [InlineData("--slots", "2")]
    [InlineData("--device", "cpu")]
    [InlineData("--lease", "15")]
    [InlineData("--in-process")]
    public void What_this_machine_is_told_goes_without_one(params string[] option) =>
        Refused($"{option[0]} is for this machine's own slots, and --cluster uses those of the silos.", ["sweep", "net/learning-rate", "--cluster", .. option]);

    [Theory]
    [InlineData("--priority", "1001", "--priority takes a number in the range -1000 .. 1000; it was 1001.")]
    [InlineData("--needs", "gpus=lots", "gpus")]
    [InlineData("--needs", "memory=20GB", "write 20GiB")]
    [InlineData("--needs", "gpu", "every piece is written name=value")]
    [InlineData("--engine", "mine", "--engine takes same or any; it was 'mine'.")]
    public void A_submission_says_what_its_options_take(string option, string value, string sentence) => Refused(sentence, "ablate", "net/rates", "--cluster", option, value);

    [Fact]
    public void A_database_is_prepared_only_where_there_is_one() => Refused("init-db prepares a PostgreSQL database; the store is sqlite:", ["cluster", "init-db", "--store", $"sqlite:{Path.Combine(_cli.Runs, "sweeps.db")}"]);

    [SkippableTheory]
    [InlineData("silo")]
    [InlineData("cluster", "status")]
    [InlineData("cluster", "drain", "gpu7")]
    [InlineData("cluster", "withdraw", "last")]
    public void Where_the_cluster_is_not_compiled_the_verbs_end_with_3_and_the_reason(params string[] verb)
    {
        Skip.If(ClusterPackages.CompiledIn, "The cluster is in this build.");
        var result = _cli.Run([.. verb, "--json"]);
        Assert.Equal((3, "missing"), (result.Code, (string)result.Last["status"]!));
        Assert.Contains(ClusterPackages.Reason, result.Error, StringComparison.Ordinal);
        Assert.Contains("./setup --feed DIR", result.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Where_the_cluster_is_not_compiled_no_sweep_is_given_to_one()
    {
        Skip.If(ClusterPackages.CompiledIn, "The cluster is in this build.");
        var result = _cli.Run("sweep", "net/learning-rate", "--cluster", "--skip-checks");
        Assert.Equal(3, result.Code);
        Assert.Contains(ClusterPackages.Reason, result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_cli.Runs));
    }

    private string Refused(string sentence, params string[] arguments)
    {
        string[] runs = arguments is ["cluster", "init-db", ..] ? [] : ["--runs", _cli.Runs];
        var result = _cli.Bare([.. arguments, .. runs]);
        Assert.Equal(2, result.Code);
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Out);
        return result.Error;
    }
}
