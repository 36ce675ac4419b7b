namespace Repro.Workers.Tests;

/// <summary>What a worker's process, as its host starts it, has in its environment by the kernel's word.</summary>
public sealed class HostSecretsTests : IDisposable
{
    private static readonly string[] Secrets = ["PGPASSWORD", "PGPASSFILE", "REPRO_STORE", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID"];

    private readonly Dictionary<string, string?> _before = Secrets.ToDictionary(name => name, Environment.GetEnvironmentVariable);

    public void Dispose()
    {
        foreach (var (name, value) in _before) Environment.SetEnvironmentVariable(name, value);
    }

    [Fact]
    public async Task A_worker_inherits_no_secret_of_its_host_and_everything_else()
    {
        foreach (var name in Secrets) Environment.SetEnvironmentVariable(name, $"secret of {name}");
        var slot = new Dictionary<string, string> { ["CUDA_VISIBLE_DEVICES"] = "3" };
        // A shell, which says what it was given before anything of a runtime of its own is added.
        await using var worker = WorkerProcess.Start(["/bin/sh", "-c", "env >&2; cat >/dev/null"], slot, Said);
        await worker.DisposeAsync();
        var names = _said.Select(line => line.Split('=')[0]).ToList();
        Assert.Contains("CUDA_VISIBLE_DEVICES=3", _said);
        Assert.Contains("PATH", names);
        Assert.Empty(names.Intersect(Secrets));
        Assert.DoesNotContain(_said, line => line.Contains("secret of", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("AWS_CONTAINER_AUTHORIZATION_TOKEN", true)]
    [InlineData("PGHOST", false)]
    [InlineData("REPRO_DATA", false)]
    [InlineData("LAWS_OF_NATURE", false)]
    public void Ways_into_the_stores_are_secrets_and_their_places_are_not(string variable, bool secret) => Assert.Equal(secret, HostSecrets.Has(variable));

    private readonly List<string> _said = [];

    private void Said(string line) => _said.Add(line);
}
