using Repro.Reports.Comparison;
using Repro.Results;

namespace Repro.Reports.Tests.Comparison;

public sealed class ComparedConditionsTests
{
    [Fact]
    public void Equal_conditions_differ_in_nothing_however_many_attempts_had_them()
    {
        var one = Conditions();
        Assert.False(ComparedConditions.Code([one], [one, one]).Differ);
        Assert.False(ComparedConditions.Environment([one, one, one], [one]).Differ);
        Assert.False(ComparedConditions.Data([one], [one, one]).Differ);
    }

    [Fact]
    public void Attempts_under_several_conditions_are_counted_by_each()
    {
        var compared = ComparedConditions.Environment([Conditions(), Conditions(), Conditions(e => e with { Threads = 4 })], [Conditions()]);
        Assert.Equal([new Difference("threads", "2 (2 of 3); 4 (1 of 3)", "2")], compared.Differences);
    }

    [Fact]
    public void Two_differences_of_one_commit_are_told_apart_and_name_their_files()
    {
        const string diff = "diff --git a/src/X.cs b/src/X.cs\n-old\n+new\n";
        var compared = ComparedConditions.Code([Conditions(e => e with { Dirty = true }, diff)], [Conditions(e => e with { Dirty = true }, diff.Replace("new", "newer", StringComparison.Ordinal))]);
        var changes = Assert.Single(compared.Differences);
        Assert.Equal("uncommitted changes", changes.Fact);
        Assert.EndsWith(" in src/X.cs", changes.A, StringComparison.Ordinal);
        Assert.NotEqual(changes.A, changes.B);
        Assert.Equal("none", ComparedConditions.Code([Conditions(e => e with { Dirty = true }, diff)], [Conditions()]).Differences[0].B);
        Assert.Equal("some, which were not kept", ComparedConditions.Code([Conditions(e => e with { Dirty = true })], [Conditions()]).Differences[0].A);
    }

    [Fact]
    public void Another_build_of_one_commit_is_said_to_be_no_other_code()
    {
        var compared = ComparedConditions.Code([Conditions(e => e with { Program = "1" })], [Conditions(e => e with { Program = "2" })]);
        Assert.Contains("equal code builds to other files in another place", Assert.Single(compared.Remarks), StringComparison.Ordinal);
        Assert.Empty(ComparedConditions.Code([Conditions(e => e with { Program = "1", Commit = "a" })], [Conditions(e => e with { Program = "2", Commit = "b" })]).Remarks);
    }

    [Fact]
    public void A_reshuffled_copy_of_the_data_is_the_same_data()
    {
        var reshuffled = Conditions(e => e with { DataSets = [e.DataSets[0] with { FileOrder = new string('c', 64) }] });
        var compared = ComparedConditions.Data([Conditions()], [reshuffled]);
        Assert.Equal("cifar-10, file order", Assert.Single(compared.Differences).Fact);
        Assert.Contains("changes no result", Assert.Single(compared.Remarks), StringComparison.Ordinal);
        var other = Conditions(e => e with { DataSets = [e.DataSets[0] with { Identity = new string('d', 64) }] });
        Assert.Empty(ComparedConditions.Data([Conditions()], [other]).Remarks);
    }

    [Fact]
    public void An_attempt_that_ended_before_it_read_any_data_says_nothing_of_them()
    {
        Assert.False(ComparedConditions.Data([Conditions(), Conditions(e => e with { DataSets = [] })], [Conditions()]).Differ);
        Assert.True(ComparedConditions.Data([Conditions(e => e with { DataSets = [] })], [Conditions()]).Differ);
        Assert.Contains("generated data", ComparedConditions.Data([Conditions(e => e with { DataSets = [] })], [Conditions(e => e with { DataSets = [] })]).Remarks[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, false, "Of A it is not known here")]
    [InlineData(false, true, "Of B it is not known here")]
    [InlineData(true, true, "Of neither")]
    public void What_is_not_known_is_not_compared_and_that_is_said(bool unknownA, bool unknownB, string said)
    {
        IReadOnlyList<AttemptConditions> a = unknownA ? [] : [Conditions()], b = unknownB ? [] : [Conditions()];
        foreach (var compared in new[] { ComparedConditions.Code(a, b), ComparedConditions.Data(a, b), ComparedConditions.Environment(a, b) })
        {
            Assert.Equal((false, 0), (compared.Differ, compared.Equal));
            Assert.StartsWith(said, Assert.Single(compared.Remarks), StringComparison.Ordinal);
        }
    }

    private static AttemptConditions Conditions(Func<RunEnvironment, RunEnvironment>? change = null, string diff = "") => new((change ?? (same => same))(ExampleRuns.Attempt(1, null, 2, dirty: false).Environment), diff);
}
