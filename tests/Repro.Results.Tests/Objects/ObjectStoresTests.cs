using Repro.Results.Objects;
using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Results.Tests.Objects;

public sealed class ObjectStoresTests
{
    private static S3Settings Settings(params (string Name, string Value)[] set) => S3Settings.FromEnvironment(name => set.FirstOrDefault(pair => pair.Name == name).Value);

    [Fact]
    public void A_full_path_is_a_folder()
    {
        using var folder = new TemporaryFolder();
        using var store = ObjectStores.Open(folder.Path + "/");
        Assert.Equal($"the folder {folder.Path}", Assert.IsType<FolderObjects>(store).Description);
        Assert.Throws<StorageException>(() => ObjectStores.Open(folder.File("absent")));
    }

    [Theory]
    [InlineData("objects")]
    [InlineData("")]
    [InlineData("./objects")]
    [InlineData("https://bucket.example.org")]
    public void Another_form_is_refused(string address) =>
        Assert.Contains($"it was '{address}'", Assert.Throws<BadInputException>(() => ObjectStores.Open(address)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("s3://", "wants a bucket's name")]
    [InlineData("s3://Bucket/x", "wants a bucket's name")]
    [InlineData("s3://bucket/a/../b", "wants a prefix of names")]
    [InlineData("s3://bucket//b", "wants a prefix of names")]
    public void An_address_of_no_bucket_is_refused(string address, string rule) =>
        Assert.Contains(rule, Assert.Throws<BadInputException>(() => ObjectStores.Open(address)).Message, StringComparison.Ordinal);

    [Fact]
    public void Credentials_in_an_address_are_refused_and_not_repeated()
    {
        var message = Assert.Throws<BadInputException>(() => ObjectStores.Open("s3://AKIAX:hunter22@bucket/x")).Message;
        Assert.Contains("AWS_SECRET_ACCESS_KEY", message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter22", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_variables_of_AWS_say_how_S3_is_reached()
    {
        var all = Settings(
            ("AWS_ENDPOINT_URL", "https://storage.example.org:9000"), ("AWS_REGION", "eu-1"), ("AWS_DEFAULT_REGION", "other"), ("AWS_ACCESS_KEY_ID", "who"),
            ("AWS_SECRET_ACCESS_KEY", "hunter22"), ("AWS_SESSION_TOKEN", "token"));
        Assert.Equal(("https://storage.example.org:9000/", "eu-1", "who", "hunter22", "token"), (all.Endpoint!.AbsoluteUri, all.Region, all.AccessKey, all.SecretKey, all.SessionToken));
        Assert.Equal("https://storage.example.org:9000", all.ToString());
        Assert.Equal("http://here/", Settings(("AWS_ENDPOINT_URL", "https://there"), ("AWS_ENDPOINT_URL_S3", "http://here")).Endpoint!.AbsoluteUri);
        Assert.Equal(new S3Settings(null, "other", null, null, null), Settings(("AWS_DEFAULT_REGION", "other"), ("AWS_ENDPOINT_URL", "")));
    }

    [Fact]
    public void Variables_that_contradict_each_other_are_refused_without_their_values()
    {
        Assert.Contains("only the first is set", Assert.Throws<BadInputException>(() => Settings(("AWS_ACCESS_KEY_ID", "who"))).Message, StringComparison.Ordinal);
        Assert.Contains("only the second is set", Assert.Throws<BadInputException>(() => Settings(("AWS_SECRET_ACCESS_KEY", "who"))).Message, StringComparison.Ordinal);
        var message = Assert.Throws<BadInputException>(() => Settings(("AWS_ENDPOINT_URL", "http://who:hunter22@host"))).Message;
        Assert.DoesNotContain("hunter22", message, StringComparison.Ordinal);
        Assert.Throws<BadInputException>(() => Settings(("AWS_ENDPOINT_URL", "host:9000")));
    }
}
