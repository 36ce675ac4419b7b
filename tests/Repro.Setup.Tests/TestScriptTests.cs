namespace Repro.Setup.Tests;

/// <summary>A small tree with one test project, whose tests pass, fail, skip or crash as variables tell them.</summary>
public sealed class TestedTree : IDisposable
{
    private const string Tests = """
        namespace Small.Tests;

        public class Behaviour
        {
            [Fact] public void Passes() { }
            [Fact(Skip = "the data set <digits> is not here")] public void Is_skipped() { }
            [Fact] public void Fails_when_told() => Assert.Equal("wanted", Environment.GetEnvironmentVariable("SMALL_FAILS") is null ? "wanted" : "gotten");
            [Fact] public void Crashes_when_told() { if (Environment.GetEnvironmentVariable("SMALL_CRASHES") is not null) Environment.FailFast("told to crash"); }
        }
        """;

    public TestedTree()
    {
        Directory.CreateDirectory(Tree.At(".setup/native"));
        Tree.Write("tests/Small.Tests/Small.Tests.csproj", """<Project Sdk="Microsoft.NET.Sdk" />""");
        Tree.Write("tests/Small.Tests/Behaviour.cs", Tests);
        File.Copy(Path.Combine(SmallTree.Checkout, "tests", "Directory.Build.props"), Tree.At("tests/Directory.Build.props"));
        var solution = Tree.Read("Repro.sln").Replace("EndProject\n", "EndProject\nProject(\"{FAE04EC0-301F-11D3-BF4B-00C04F79EFBC}\") = \"Small.Tests\", \"tests\\Small.Tests\\Small.Tests.csproj\", \"{22222222-2222-2222-2222-222222222222}\"\nEndProject\n", StringComparison.Ordinal)
            .Replace("  EndGlobalSection\nEndGlobal", "    {22222222-2222-2222-2222-222222222222}.Release|Any CPU.ActiveCfg = Release|Any CPU\n    {22222222-2222-2222-2222-222222222222}.Release|Any CPU.Build.0 = Release|Any CPU\n  EndGlobalSection\nEndGlobal", StringComparison.Ordinal);
        Tree.Write("Repro.sln", solution);
    }

    public SmallTree Tree { get; } = new(NuGetFolder.Path);

    public void Dispose() => Tree.Dispose();
}

public sealed class TestScriptTests(TestedTree tested) : IClassFixture<TestedTree>
{
    private SmallTree Tree => tested.Tree;

    [Fact]
    public void A_good_run_ends_with_the_counts_and_says_why_tests_were_skipped()
    {
        var result = Tree.Do("test");
        Assert.True(result.ExitCode == 0, result.Everything);
        Assert.Equal("3 passed, 0 failed", result.LastLine);
        Assert.Contains("  1 x the data set <digits> is not here", result.Output, StringComparison.Ordinal);
        Assert.Contains("\ncluster: not compiled (Microsoft.Orleans 10.2.2: ", result.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Tree.At("TestResults/Small.Tests.trx")));
    }

    [Fact]
    public void A_failed_test_is_named_with_its_message_and_fails_the_run()
    {
        var result = Tree.Do("test", new Dictionary<string, string?> { ["SMALL_FAILS"] = "1" });
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("2 passed, 1 failed", result.LastLine);
        Assert.Contains("Small.Tests.Behaviour.Fails_when_told", result.Output, StringComparison.Ordinal);
        Assert.Contains("\"gotten\"", result.Output, StringComparison.Ordinal);
        Assert.Contains("Behaviour.cs:line 7", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_crashed_test_process_is_a_failure()
    {
        var result = Tree.Do("test", new Dictionary<string, string?> { ["SMALL_CRASHES"] = "1" });
        Assert.Equal(1, result.ExitCode);
        Assert.Matches("^[0-9]+ passed, 1 failed$", result.LastLine);
        Assert.Contains("the test process crashed", result.Output, StringComparison.Ordinal);
        Assert.Contains("told to crash", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_filter_and_a_project_choose_tests()
    {
        var filtered = Tree.Do("test", "Passes", "--project", "Small.Tests");
        Assert.Equal("1 passed, 0 failed", filtered.LastLine);
        var nothing = Tree.Do("test", "No_such_test");
        Assert.Equal(2, nothing.ExitCode);
        Assert.Contains("no test matches 'No_such_test'", nothing.Errors, StringComparison.Ordinal);
        var unknown = Tree.Do("test", "--project", "Smal.Tests");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("Did you mean 'Small.Tests'?", unknown.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Continuous_integration_counts_a_setup_that_fails_as_a_failure()
    {
        File.Delete(Tree.At(".setup/native/librepro_torch.so"));
        var result = Tree.Do(".ci/run", new Dictionary<string, string?> { ["SMALL_NATIVE_FAILS"] = "1", ["CI"] = "true" });
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("0 passed, 1 failed", result.LastLine);
    }
}
