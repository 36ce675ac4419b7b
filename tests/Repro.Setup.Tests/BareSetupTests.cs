namespace Repro.Setup.Tests;

public sealed class BareSetupTests : IDisposable
{
    private readonly SmallTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [SkippableFact]
    public void Without_the_SDK_every_script_says_how_to_get_it()
    {
        Skip.If(BareMachine.Obstacle is not null, BareMachine.Obstacle);
        var name = Path.GetFileName(_tree.Root);
        foreach (var script in new[] { "setup", "repro", "test" })
        {
            var result = BareMachine.Run(_tree.Root, $"/opt/{name}/{script}");
            Assert.True(result.ExitCode == 3, result.Everything);
            Assert.Contains("the .NET 10 SDK is missing", result.Errors, StringComparison.Ordinal);
            Assert.Contains("sudo apt-get install dotnet-sdk-10.0", result.Errors, StringComparison.Ordinal);
        }
    }

    [SkippableTheory]
    [InlineData(16)]
    [InlineData(120)]
    public void A_full_disk_is_named_as_such(int kibibytesFree)
    {
        Skip.If(BareMachine.Obstacle is not null, BareMachine.Obstacle);
        const string Script = """
            mount -t tmpfs -o size=4m tmpfs /mnt
            cp -a "$1/." /mnt/
            dd if=/dev/zero of=/mnt/filler bs=1k 2>/dev/null || true
            truncate -s "-$2K" /mnt/filler
            NUGET_PACKAGES=$1/packages exec /mnt/setup
            """;
        var result = Shell.Run("/", new Dictionary<string, string?>(), "unshare", "--mount", "--propagation", "private", "bash", "-euc", Script, "full", _tree.Root, kibibytesFree.ToString());
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("The disk is full: free some space on /mnt", result.Errors, StringComparison.Ordinal);
    }
}
