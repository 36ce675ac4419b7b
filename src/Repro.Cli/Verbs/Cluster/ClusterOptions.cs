using System.CommandLine;
using Repro.Cli.Sweeping;
using Repro.Studies.Formats;
using Repro.Results.Objects;
using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Cli.Verbs.Cluster;

/// <summary>The options by which silos and clients of one cluster find and trust each other.</summary>
internal sealed class ClusterOptions
{
    private readonly Option<string?> _id = new("--cluster-id") { Description = "Clusters that share a database differ in it (default: repro)", HelpName = "NAME" };
    private readonly Option<string?> _objects = new("--objects") { Description = "Where the sweeps' programs, and checkpoints that move, are kept: a folder that all machines share, or s3://bucket/prefix (default: REPRO_OBJECTS, or objects/ in the folder of the runs, which all silos then share)", HelpName = "PLACE" };
    private readonly Option<string?> _password = new("--password-file") { Description = "File with the database's password (default: PGPASSWORD, or PGPASSFILE)", HelpName = "FILE" };
    private readonly Option<string?> _certificate = new("--tls-certificate") { Description = "This machine's certificate, PEM; with --tls-key and --tls-authority silos and clients speak TLS", HelpName = "FILE" };
    private readonly Option<string?> _key = new("--tls-key") { Description = "Its key, PEM without a password", HelpName = "FILE" };
    private readonly Option<string?> _authority = new("--tls-authority") { Description = "Certificate of who signs the cluster's certificates, PEM", HelpName = "FILE" };

    public void AddTo(Command verb)
    {
        foreach (var option in (Option[])[_id, _objects, _password, _certificate, _key, _authority]) verb.Add(option);
    }

    /// <summary>Of those that were given, the first; null where none was.</summary>
    public string? Given(ParseResult arguments) =>
        new Option[] { _id, _objects, _password, _certificate, _key, _authority }.FirstOrDefault(option => arguments.GetResult(option) is { Implicit: false })?.Name;

    /// <param name="store">As <c>--store</c> was given.</param>
    /// <exception cref="BadInputException">Two contradict each other, or a password stands on the command line.</exception>
    public ClusterChoices Read(ParseResult arguments, string? store, RunsFolder runs)
    {
        // Whoever may list processes reads it.
        if (store is not null && SweepStores.IsPostgres(store) && Uri.TryCreate(store, UriKind.Absolute, out var address) && address.UserInfo.Contains(':', StringComparison.Ordinal))
            throw new BadInputException("A password on a command line is shown to everybody on the machine. Leave it out of --store, and give it in PGPASSWORD, in PGPASSFILE, or with --password-file FILE.");
        if (arguments.GetValue(_password) is { } file) UsePassword(file);
        var tls = new[] { arguments.GetValue(_certificate), arguments.GetValue(_key), arguments.GetValue(_authority) };
        if (tls.Any(given => given is not null) && tls.Any(given => given is null)) throw new BadInputException("TLS wants all of --tls-certificate, --tls-key and --tls-authority.");
        var id = arguments.GetValue(_id) ?? "repro";
        if (id.Length is 0 or > 100 || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')) throw new BadInputException($"--cluster-id has letters, digits, '-', '_' and '.', at most 100; it was '{id}'.");
        var objects = arguments.GetValue(_objects) ?? (Environment.GetEnvironmentVariable("REPRO_OBJECTS") is { Length: > 0 } set ? set : null);
        return new ClusterChoices(SweepStores.Address(store, runs), id, objects, Path.Combine(runs.Path, "objects"), tls[0] is null ? null : (tls[0]!, tls[1]!, tls[2]!));
    }

    private static void UsePassword(string file)
    {
        RegularFile.Require(file);
        try
        {
            Environment.SetEnvironmentVariable("PGPASSWORD", File.ReadAllText(file).TrimEnd('\r', '\n'));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The password file {file} cannot be read: {error.Message}", error);
        }
    }
}

/// <summary>What <see cref="ClusterOptions"/> were given.</summary>
/// <param name="Store">The sweeps' address, where the cluster meets too.</param>
/// <param name="Objects">As given; null where the machines share the folder of the runs.</param>
/// <param name="OwnObjects">Folder for objects where none were named.</param>
internal sealed record ClusterChoices(string Store, string Id, string? Objects, string OwnObjects, (string Certificate, string Key, string Authority)? Tls)
{
    public IObjectStore OpenObjects()
    {
        if (Objects is null) Directory.CreateDirectory(OwnObjects);
        return ObjectStores.Open(Objects ?? OwnObjects);
    }
}
