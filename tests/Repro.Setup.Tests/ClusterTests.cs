using System.Text.RegularExpressions;

namespace Repro.Setup.Tests;

/// <summary>Whether the cluster is compiled in, on a tree whose program says what it was compiled with.</summary>
public sealed class ClusterTests : IDisposable
{
    private const string Dashboard = "Microsoft.Orleans.Dashboard";

    private const string Program = """
        var cluster = "none";
        #if ORLEANS
        cluster = "orleans";
        #endif
        #if ORLEANS_DASHBOARD
        cluster += " with dashboard";
        #endif
        var noted = System.Linq.Enumerable.Single(System.Linq.Enumerable.OfType<System.Reflection.AssemblyMetadataAttribute>(
            System.Reflection.Assembly.GetExecutingAssembly().GetCustomAttributes(typeof(System.Reflection.AssemblyMetadataAttribute), false)), noted => noted.Key == "ClusterReason");
        System.Console.WriteLine(cluster + ": " + noted.Value);

        """;

    private static readonly string Version = Regex.Match(File.ReadAllText(Path.Combine(SmallTree.Checkout, "Directory.Packages.props")), "<OrleansVersion>(.*)</OrleansVersion>").Groups[1].Value;

    private static readonly string[] Needed =
    [
        "Microsoft.Orleans.Server", "Microsoft.Orleans.Client", "Microsoft.Orleans.Clustering.AdoNet", "Microsoft.Orleans.Connections.Security", "Microsoft.Orleans.TestingHost",
    ];

    private readonly SmallTree _tree = new();
    private readonly string _feed;

    public ClusterTests()
    {
        _feed = _tree.Beside("orleans");
        _tree.Write("src/Repro.Cli/Program.cs", Program);
        _tree.Write("src/Repro.Cli/Repro.Cli.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><AssemblyName>repro</AssemblyName></PropertyGroup>
              <ItemGroup><AssemblyMetadata Include="ClusterReason" Value="$(ReproClusterReason)" /></ItemGroup>
              <ItemGroup Condition="'$(ReproCluster)' == 'orleans'"><PackageReference Include="Microsoft.Orleans.Server" /></ItemGroup>
            </Project>
            """);
    }

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void A_folder_with_all_that_Orleans_needs_gives_the_cluster_until_it_is_left_out_or_forgotten()
    {
        Feed([.. Needed, Dashboard]);
        var given = _tree.Do("setup", "--feed", _feed);
        Assert.True(given.ExitCode == 0, given.Everything);
        Assert.Matches($@"cluster +Microsoft\.Orleans, with its dashboard +{Regex.Escape(Version)} +the feeds have it\n", given.Output);
        Assert.Equal("orleans with dashboard: the feeds have it\n", _tree.Do("repro").Output);

        Assert.Equal(0, _tree.Do("setup", "--cluster", "none").ExitCode);
        Assert.Equal("none: left out with --cluster none\n", _tree.Do("repro").Output);
        Assert.Equal(0, _tree.Do("setup", "--cluster", "auto").ExitCode);
        Assert.StartsWith("orleans with dashboard: ", _tree.Do("repro").Output, StringComparison.Ordinal);

        Assert.Equal(0, _tree.Do("setup", "--forget").ExitCode);
        Assert.StartsWith($"none: Microsoft.Orleans {Version}: only in NuGet's package folder, from a feed that is not configured now ({_feed})", _tree.Do("repro").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_dashboard_is_optional()
    {
        Feed(Needed);
        var given = _tree.Do("setup", "--feed", _feed, "--cluster", "orleans");
        Assert.True(given.ExitCode == 0, given.Everything);
        Assert.Matches($@"cluster +Microsoft\.Orleans +{Regex.Escape(Version)} +the feeds have it; asked for; no dashboard: {Dashboard} {Regex.Escape(Version)}: no feed has it\n", given.Output);
        Assert.Equal("orleans: the feeds have it; asked for\n", _tree.Do("repro").Output);
    }

    [Theory]
    [InlineData("Microsoft.Orleans.Server")]
    [InlineData("Microsoft.Orleans.Client")]
    [InlineData("Microsoft.Orleans.Clustering.AdoNet")]
    [InlineData("Microsoft.Orleans.Connections.Security")]
    [InlineData("Microsoft.Orleans.TestingHost")]
    public void Without_any_one_of_them_there_is_no_cluster_and_asking_for_it_is_refused_by_that_name(string absent)
    {
        Feed(Needed.Except([absent]));
        var refused = _tree.Do("setup", "--feed", _feed, "--cluster", "orleans");
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains($"--cluster orleans: {absent} {Version}: no feed has it.", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("./setup --feed DIR --cluster orleans", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("./setup --cluster none", refused.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_tree.At("setup.props")));
    }

    [Fact]
    public void The_reason_names_every_package_that_is_missing_and_characters_that_MSBuild_reads_survive_in_it()
    {
        Feed(Needed[..2]);
        PackageFile.Write(_feed, Needed[2], Version, ("Absent.Thing", "1.0.0"));
        PackageFile.Write(_feed, Needed[3], "0.1.0");
        PackageFile.Write(_feed, Needed[4], Version, ("Only.Older", "3.0.0"));
        PackageFile.Write(_feed, "Only.Older", "1.0.0");
        var set = _tree.Do("setup", "--feed", _feed);
        Assert.True(set.ExitCode == 0, set.Everything);
        var reason = $"{Needed[2]} {Version}: its dependency Absent.Thing is in no feed; {Needed[3]} {Version}: the feeds have other versions only, not {Version}; "
            + $"{Needed[4]} {Version}: its dependency Only.Older >= 3.0.0 is in no feed";
        var row = set.Output.Split('\n').Single(line => line.StartsWith("cluster ", StringComparison.Ordinal));
        Assert.Equal($"cluster|none (not compiled)|-|{reason}", Regex.Replace(row, " {2,}", "|"));
        Assert.Equal($"none: {reason}\n", _tree.Do("repro").Output);
    }

    [Fact]
    public void Packages_that_are_missing_for_one_reason_are_named_together()
    {
        Feed(Needed[1..3]);
        var set = _tree.Do("setup", "--feed", _feed);
        Assert.Contains($"{Needed[0]}, {Needed[3]}, {Needed[4]} {Version}: no feed has it\n", set.Output, StringComparison.Ordinal);
    }

    private void Feed(IEnumerable<string> packages)
    {
        foreach (var package in packages) PackageFile.Write(_feed, package, Version);
    }
}
