using Repro.Studies;

namespace Repro.Cluster.Tests;

public sealed class ClusterPackagesTests
{
    private static readonly string Dependencies = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Repro.Cluster.Tests.deps.json"));

    [Fact]
    public void What_is_compiled_in_is_what_the_build_restored()
    {
        Assert.Equal(Dependencies.Contains($"\"Microsoft.Orleans.Runtime/{ClusterPackages.Version}\"", StringComparison.Ordinal), ClusterPackages.CompiledIn);
        Assert.Equal(Dependencies.Contains($"\"Microsoft.Orleans.Dashboard/{ClusterPackages.Version}\"", StringComparison.Ordinal), ClusterPackages.HasDashboard);
    }

    [Fact]
    public void Only_a_build_without_Orleans_refuses_what_needs_the_cluster()
    {
        var error = Record.Exception(ClusterPackages.Require);
        if (ClusterPackages.CompiledIn) Assert.Null(error);
        else Assert.Contains(ClusterPackages.Reason, Assert.IsType<MissingComponentException>(error).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_refusal_says_what_is_missing_why_and_both_ways_out()
    {
        var message = ClusterPackages.Refusal("Microsoft.Orleans.Server 10.2.2: no feed has it");
        Assert.Contains("Microsoft.Orleans.Server 10.2.2: no feed has it.", message, StringComparison.Ordinal);
        Assert.Contains("./setup --feed DIR", message, StringComparison.Ordinal);
        Assert.Contains("docs/sweeps.md", message, StringComparison.Ordinal);
    }
}
