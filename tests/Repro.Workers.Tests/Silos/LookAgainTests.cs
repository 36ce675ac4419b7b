using Repro.Workers.Hosts;
using Repro.Workers.Silos;
using static Repro.Workers.FakeWorker.FakeHost;

namespace Repro.Workers.Tests.Silos;

public sealed class LookAgainTests
{
    [Fact]
    public async Task What_a_silo_lacked_is_looked_for_again_after_a_while_without_anybody_saying_so()
    {
        var (time, looks, mended) = (new ManualTime(), 0, false);
        await using var cluster = new SiloFixture(time);
        await cluster.Submit("one", Study("steps=2", trials: 1));
        cluster.Silo("a", prepare: _ =>
        {
            looks++;
            return mended ? Task.CompletedTask : Task.FromException(new CannotServeException($"It lacks something, at look {looks}."));
        });
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text == "It lacks something, at look 1.");
        time.Advance(new SiloPace().LookAgainAfter);
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text == "It lacks something, at look 2.");
        mended = true;
        time.Advance(new SiloPace().LookAgainAfter);
        await cluster.WaitFor<RunEnded>();
        Assert.Equal(3, looks);
        Assert.Empty((await cluster.On(() => Task.FromResult(cluster.Exchange.Snapshot()))).Silos.Single().PassedOver);
    }
}
