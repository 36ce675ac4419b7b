using System.Net;
using Orleans.Runtime;
using Repro.Cluster.Silos;

namespace Repro.Cluster.Tests.Silos;

public class HostNameTests
{
    [Theory]
    [InlineData("10.0.0.7")]
    [InlineData("fe80::1")]
    public void It_has_the_silos_name_and_its_address_and_gives_both_back(string ip)
    {
        var address = SiloAddress.New(new IPEndPoint(IPAddress.Parse(ip), 11111), 3651);
        var host = HostName.Of("gpu-7.rack", address);
        Assert.StartsWith("gpu-7.rack@", host, StringComparison.Ordinal);
        Assert.Equal(("gpu-7.rack", address), (HostName.ShortOf(host), HostName.AddressOf(host)));
    }

    [Fact]
    public void It_is_written_as_the_documentation_has_it() =>
        Assert.Equal("gpu7@10.0.0.7:11111@3651", HostName.Of("gpu7", SiloAddress.New(new IPEndPoint(IPAddress.Parse("10.0.0.7"), 11111), 3651)));

    [Fact]
    public void Two_starts_at_one_address_have_two_names()
    {
        var at = new IPEndPoint(IPAddress.Loopback, 11111);
        Assert.NotEqual(HostName.Of("gpu7", SiloAddress.New(at, 1)), HostName.Of("gpu7", SiloAddress.New(at, 2)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("vm-1234")]
    [InlineData("@127.0.0.1:11111@1")]
    [InlineData("gpu7@")]
    [InlineData("gpu7@nowhere")]
    [InlineData("gpu7@127.0.0.1:11111")]
    [InlineData("gpu7@127.0.0.1@1")]
    [InlineData("gpu7@127.0.0.1:port@1")]
    [InlineData("gpu7@127.0.0.1:11111@now")]
    [InlineData("gpu7@127.0.0.1:99999@1")]
    public void What_names_no_silo_has_no_address(string host) => Assert.Null(HostName.AddressOf(host));
}
