using Repro.Results.Objects;

namespace Repro.Results.Tests.Objects;

/// <summary>Connections that break in the middle of an object, which no real server does when it is asked to.</summary>
public sealed class S3InterruptionTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_object_that_comes_by_half_is_fetched_again(bool closes)
    {
        using var folder = new TemporaryFolder();
        var content = new byte[500_000];
        new Random(1).NextBytes(content);
        using var server = new CutOffServer(content, closes);
        using var store = new S3Objects("bucket", "", new S3Settings(server.Address, null, "who", "secret", null) { Silence = TimeSpan.FromMilliseconds(closes ? 60_000 : 300) });
        Assert.True(store.Get("a/b", folder.File("target")));
        Assert.Equal(content, File.ReadAllBytes(folder.File("target")));
        Assert.Single(Directory.GetFiles(folder.Path));
        await server.Served;
    }
}
