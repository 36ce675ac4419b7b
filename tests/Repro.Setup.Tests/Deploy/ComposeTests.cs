using System.Text.RegularExpressions;

namespace Repro.Setup.Tests.Deploy;

public sealed partial class ComposeTests
{
    // Of the compose specification, what is used here; another key is a slip of the pen until it is written here.
    private static readonly string[] TopLevel = ["name", "services", "networks", "volumes", "secrets", "x-silo"];
    private static readonly string[] OfService =
        ["build", "image", "restart", "init", "stop_grace_period", "secrets", "depends_on", "healthcheck", "environment", "shm_size", "volumes", "networks", "command"];

    private readonly Compose _file = new();

    private IEnumerable<KeyValuePair<string, Dictionary<string, object?>>> Silos => _file.Services.Where(service => service.Key.StartsWith("silo-", StringComparison.Ordinal));

    [Fact]
    public void It_has_a_database_what_sets_it_up_and_two_silos() => Assert.Equal(["postgres", "init-db", "silo-1", "silo-2"], _file.Services.Keys);

    [Fact]
    public void It_uses_keys_of_the_compose_specification()
    {
        Assert.Empty(_file.Root.Keys.Except(TopLevel));
        Assert.All(_file.Services, service => Assert.Empty(service.Value.Keys.Except(OfService)));
    }

    [Fact]
    public void Every_image_is_built_here_or_pinned_to_a_version() => Assert.All(_file.Services, service =>
    {
        if (!service.Value.TryGetValue("build", out var build))
        {
            Assert.Matches(Pinned(), (string)service.Value["image"]!);
            return;
        }
        var context = Path.GetFullPath((string)Compose.Map(build)["context"]!, DeployFiles.Folder);
        Assert.True(File.Exists(Path.Combine(context, (string)Compose.Map(build)["dockerfile"]!)));
        Assert.Matches(Pinned(), (string)Compose.Map(Compose.Map(build)["args"])["BASE"]!);
    });

    [Fact]
    public void Volumes_secrets_networks_and_services_that_are_referred_to_exist_and_none_is_there_for_nothing()
    {
        var named = _file.Services.Values.SelectMany(service => Compose.Words(service, "volumes")).Select(volume => volume.Split(':')[0])
            .Where(name => name[0] is not ('.' or '/'));
        Assert.Equal(Compose.Map(_file.Root["volumes"]).Keys.Order(StringComparer.Ordinal), named.Distinct().Order(StringComparer.Ordinal));
        foreach (var kind in (string[])["secrets", "networks"])
        {
            Assert.Equal(
                Compose.Map(_file.Root[kind]).Keys.Order(StringComparer.Ordinal),
                _file.Services.Values.SelectMany(service => Compose.Names(service, kind)).Distinct().Order(StringComparer.Ordinal));
        }
        Assert.All(_file.Services.Values.SelectMany(service => Compose.Names(service, "depends_on")), name => Assert.Contains(name, _file.Services.Keys));
    }

    [Fact]
    public void Who_is_waited_for_to_be_healthy_can_say_so_and_who_is_waited_for_to_end_ends()
    {
        var waits = _file.Services.Values.Where(service => service.ContainsKey("depends_on")).SelectMany(service => Compose.Map(service["depends_on"])).ToArray();
        Assert.NotEmpty(waits);
        foreach (var (name, wait) in waits)
        {
            var other = _file.Services[name];
            if ((string)Compose.Map(wait)["condition"]! == "service_healthy") Assert.Contains("test", Compose.Map(other["healthcheck"]).Keys);
            else Assert.Equal("on-failure", other["restart"]);
        }
    }

    [Fact]
    public void Silos_have_names_addresses_and_folders_of_their_own_and_objects_in_common()
    {
        Assert.Equal(2, Silos.Count());
        Assert.Equal(2, Silos.Select(silo => Option(silo.Value, "--name")).Distinct().Count());
        Assert.Equal(2, Silos.Select(silo => Volume(silo.Value, "--runs")).Distinct().Count());
        Assert.Single(Silos.Select(silo => Volume(silo.Value, "--objects")).Distinct());
        Assert.All(Silos, silo => Assert.EndsWith(":ro", Volume(silo.Value, "--data-dir"), StringComparison.Ordinal));
    }

    [Fact]
    public void Silos_say_the_address_that_their_network_gives_them()
    {
        var addresses = _file.Services.Values.Where(service => service["networks"] is not System.Collections.IList)
            .Select(service => (string)Compose.Map(Compose.Map(service["networks"])["cluster"])["ipv4_address"]!).ToArray();
        Assert.Equal(addresses.Length, addresses.Distinct().Count());
        var network = Compose.Map(Compose.Map(Compose.Map(_file.Root["networks"])["cluster"])["ipam"]);
        var subnet = System.Net.IPNetwork.Parse((string)Compose.Map(Assert.Single((List<object>)network["config"]!))["subnet"]!);
        Assert.All(addresses, address => Assert.True(subnet.Contains(System.Net.IPAddress.Parse(address)), address));
        Assert.All(Silos, silo => Assert.Equal(Compose.Map(Compose.Map(silo.Value["networks"])["cluster"])["ipv4_address"], Option(silo.Value, "--address")));
    }

    [Fact]
    public void Silos_are_asked_for_their_health_where_they_answer_and_have_time_to_drain() => Assert.All(Silos, silo =>
    {
        Assert.Contains($"http://127.0.0.1:{Option(silo.Value, "--health")}/health", Compose.Words(Compose.Map(silo.Value["healthcheck"]), "test"));
        Assert.Equal("unless-stopped", silo.Value["restart"]);
        Assert.Matches("^[1-9][0-9]*m$", (string)silo.Value["stop_grace_period"]!);
    });

    [Fact]
    public void Passwords_come_from_a_file_that_git_ignores()
    {
        Assert.All(_file.Services.Values, service => Assert.Equal(["database_password"], Compose.Words(service, "secrets")));
        var variables = _file.Services.Values.Where(service => service.ContainsKey("environment")).SelectMany(service => Compose.Map(service["environment"]))
            .Where(pair => pair.Key.Contains("PASSWORD", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(variables);
        Assert.All(variables, pair => Assert.Equal(("POSTGRES_PASSWORD_FILE", "/run/secrets/database_password"), (pair.Key, pair.Value)));
        var file = (string)Compose.Map(Compose.Map(_file.Root["secrets"])["database_password"])["file"]!;
        Assert.Equal(0, DeployFiles.Run("git", "check-ignore", "--quiet", file).ExitCode);
        Assert.All(_file.Commands, command => Assert.Contains("--password-file", command.Options));
    }

    [SkippableFact]
    public void A_compose_program_accepts_it()
    {
        string[]? program = DeployFiles.Program("docker") is { } docker && DeployFiles.Run(docker, "compose", "version").ExitCode == 0 ? [docker, "compose"]
            : DeployFiles.Program("podman-compose") is { } podman && DeployFiles.Run(podman, "config", "--help").ExitCode == 0 ? [podman] : null;
        Skip.If(program is null, "neither docker compose nor a podman-compose that can check a file (1.0.4) is installed");
        foreach (var files in (string[][])[["--file", "compose.yaml"], ["--file", "compose.yaml", "--file", "compose.gpu.yaml"]])
        {
            var result = DeployFiles.Run(program[0], [.. program[1..], .. files, "config"]);
            Assert.True(result.ExitCode == 0, result.Everything);
            Assert.Contains("silo-2", result.Output, StringComparison.Ordinal);
        }
    }

    /// <summary>The volume that stands where an option points.</summary>
    private static string Volume(Dictionary<string, object?> service, string option) =>
        Assert.Single(Compose.Words(service, "volumes"), volume => volume.Split(':')[1] == Option(service, option));

    /// <summary>The value of a service's option, written --name=value.</summary>
    private static string Option(Dictionary<string, object?> service, string name) =>
        Assert.Single(Compose.Words(service, "command"), word => word.StartsWith($"{name}=", StringComparison.Ordinal))[(name.Length + 1)..];

    [GeneratedRegex(@"^[a-z0-9.]+/[a-z0-9/-]+(:\d+(\.\d+)+[a-z0-9.-]*|@sha256:[0-9a-f]{64})$")]
    private static partial Regex Pinned();
}
