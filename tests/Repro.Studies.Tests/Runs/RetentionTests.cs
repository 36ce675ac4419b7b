using Repro.Studies.Runs;

namespace Repro.Studies.Tests.Runs;

public class RetentionTests
{
    [Theory]
    [InlineData("9 8 7 6", "", "7 6")]
    [InlineData("9 8 7 6", "9", "9 6")]       // the newest is damaged: two whole ones stay all the same
    [InlineData("9 8 7 6", "8 7", "8 7")]
    [InlineData("9 8 7 6", "9 8 7", "9 8 7")] // the last good one stays
    [InlineData("9 8 7 6", "9 8 7 6", "")]    // where none is whole none goes
    [InlineData("9 8", "9", "")]
    [InlineData("9", "", "")]
    public void The_newest_two_whole_checkpoints_of_an_unfinished_run_stay(string all, string damaged, string superseded) =>
        Assert.Equal(superseded, string.Join(' ', Retention.Superseded(all.Split(' '), Retention.WhileUnfinished, step => !damaged.Split(' ').Contains(step))));

    [Theory]
    [InlineData("9 8", "9", "9")]
    [InlineData("9 8", "8", "8")]
    [InlineData("9 8", "", "")]
    [InlineData("9 8", "9 8", "")]
    [InlineData("9", "9", "")]
    public void Where_few_are_looked_at_too_a_damaged_one_goes_beside_a_whole_one(string all, string damaged, string superseded) =>
        Assert.Equal(superseded, string.Join(' ', Retention.Superseded(all.Split(' '), Retention.WhileUnfinished, step => !damaged.Split(' ').Contains(step), evenOfFew: true)));

    [Fact]
    public void No_checkpoint_is_read_that_does_not_decide()
    {
        var read = new List<int>();
        bool Read(int step)
        {
            read.Add(step);
            return true;
        }
        Retention.Superseded([3, 2], 2, Read);
        Assert.Empty(read);
        Retention.Superseded([5, 4, 3, 2, 1], 2, Read);
        Assert.Equal([5, 4], read);
    }

    [Theory]
    [InlineData(RunState.Completed, 1)]
    [InlineData(RunState.Pruned, 1)]
    [InlineData(RunState.Cancelled, 1)]
    [InlineData(RunState.Paused, 2)]
    [InlineData(RunState.Failed, 2)]
    public void A_run_that_will_not_go_on_keeps_one(RunState state, int kept) => Assert.Equal(kept, Retention.Kept(state));
}
