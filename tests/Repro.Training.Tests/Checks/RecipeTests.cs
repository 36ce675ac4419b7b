using Repro.Training.Checks;

namespace Repro.Training.Tests.Checks;

/// <summary>What the tests of the checks share.</summary>
[Collection(EngineTests.Name)]
public abstract class RecipeTests
{
    private protected static readonly RunContext Context = new() { Seed = 7, Threads = 1 };

    /// <summary>One check on an experiment.</summary>
    private protected static CheckResult Check(string name, GratingExperiment experiment, ulong seed = 7) =>
        Assert.Single(RecipeRunner.Run(experiment, new object(), Context with { Seed = seed }, _ => { }, CancellationToken.None, [name]));

    /// <summary>One check on an experiment whose recipe was changed.</summary>
    private protected static CheckResult Check(string name, Func<Recipe, Recipe> broken) => Check(name, new GratingExperiment { Break = broken });

    private protected static void AssertFailed(CheckResult result, string detail)
    {
        Assert.True(result.Verdict == CheckVerdict.Failed, $"{result.Name} gave {result.Verdict}: {result.Value} (expected {result.Expected}). {result.Detail}");
        Assert.Contains(detail, result.Detail, StringComparison.Ordinal);
    }

    private protected static void AssertPassed(CheckResult result) =>
        Assert.True(result.Verdict is CheckVerdict.Passed or CheckVerdict.Look, $"{result.Name} gave {result.Verdict}: {result.Value} (expected {result.Expected}). {result.Detail}");
}
