using Repro.Cluster.Grains;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;

namespace Repro.Cluster.Tests.Grains;

public class RunGrainKeyTests
{
    [Fact]
    public void It_names_sweep_run_and_attempt_and_gives_them_back()
    {
        var run = new RunAttempt(new RunKey(12, 3), 2);
        Assert.Equal("lr-search/12-3/2", RunGrainKey.Of("lr-search", run));
        Assert.Equal(("lr-search", run), RunGrainKey.Parse("lr-search/12-3/2"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("lr-search")]
    [InlineData("lr-search/12-3")]
    [InlineData("lr-search/12-3/2/1")]
    [InlineData("lr-search/12/2")]
    [InlineData("lr-search/12-3/second")]
    public void What_names_no_attempt_is_refused(string key) => Assert.Throws<FormatException>(() => RunGrainKey.Parse(key));
}
