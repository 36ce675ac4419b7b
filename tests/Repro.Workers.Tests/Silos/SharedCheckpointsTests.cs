using Repro.Results.Objects;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;
using Repro.Workers.Silos;
using static Repro.Workers.FakeWorker.FakeHost;

namespace Repro.Workers.Tests.Silos;

/// <summary>Silos that see no common folder: what one trained the other goes on with, through objects.</summary>
public sealed class SharedCheckpointsTests
{
    [Fact]
    public async Task A_run_goes_on_from_a_checkpoint_that_came_as_an_object()
    {
        await using var cluster = new SiloFixture();
        using var objects = Objects(cluster);
        var first = await Held(cluster, objects);
        await first.Stop();
        cluster.Silo("b", settings: Own("b", cluster, objects));
        await cluster.Finished("one");
        Assert.Equal([null, 3L], cluster.Log("one").OfType<RunStarted>().Select(started => started.From));
        Assert.Empty(cluster.Log("one").OfType<WentBack>());
        Assert.Equal(cluster.Undisturbed("one", 0), cluster.Losses("one", 0));
        await cluster.WaitFor<RunEnded>((silo, _, _) => silo == "b");
        // A completed run keeps its last one alone, there too.
        Assert.Equal(["step-000000010.safetensors"], Directory.GetFiles(Path.Combine(cluster.Folder, "objects"), "step-*", SearchOption.AllDirectories).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_checkpoint_that_could_not_be_shared_is_not_recorded()
    {
        await using var cluster = new SiloFixture();
        using var objects = Objects(cluster);
        objects.Refuses = key => key.Contains("000004", StringComparison.Ordinal);
        cluster.Silo("a", settings: Own("a", cluster, objects));
        await cluster.Submit("one", Study("steps=10", trials: 1));
        await cluster.Finished("one");
        Assert.Equal([2L, 6, 8, 10], cluster.Log("one").OfType<CheckpointRecorded>().Select(checkpoint => checkpoint.Step));
        Assert.Equal(RunState.Completed, cluster.State("one").Trials[0].State);
    }

    [Fact]
    public async Task A_checkpoint_that_waits_is_sent_when_its_run_is_paused_and_the_next_silo_goes_on_from_it()
    {
        await using var cluster = new SiloFixture();
        using var objects = Objects(cluster);
        objects.IsAway = true;
        var silo = cluster.Silo("a", settings: Own("a", cluster, objects));
        await cluster.Submit("one", Study("steps=10,fault=hold,fault_at=4", trials: 1));
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text.Contains("is not recorded", StringComparison.Ordinal));
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text == "holding");
        objects.IsAway = false;
        await silo.Stop();
        cluster.Silo("b", settings: Own("b", cluster, objects));
        await cluster.Finished("one");
        Assert.Equal([null, 4L], cluster.Log("one").OfType<RunStarted>().Select(started => started.From));
        Assert.Equal(cluster.Undisturbed("one", 0), cluster.Losses("one", 0));
    }

    [Fact]
    public async Task A_run_that_is_handed_over_without_its_newest_checkpoint_says_from_where_it_can_go_on()
    {
        await using var cluster = new SiloFixture();
        using var objects = Objects(cluster);
        objects.Refuses = key => key.Contains("000003", StringComparison.Ordinal);
        var silo = cluster.Silo("a", settings: Own("a", cluster, objects));
        await cluster.Submit("one", Study("steps=10,fault=hold,fault_at=3", trials: 1));
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text == "holding");
        await silo.Stop();
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text == "The newest checkpoint, of step 3, could not be brought to the other machines, and was never recorded. The share is full. The run can go on from step 2.");
        Assert.Equal(RunState.Paused, cluster.State("one")[new RunKey(0, 0)].State);
        Assert.Equal(["step-000000002.safetensors"], Checkpoints(Path.Combine(cluster.Folder, "a")));
        objects.Refuses = _ => false;
        cluster.Silo("b", settings: Own("b", cluster, objects));
        await cluster.Finished("one");
        Assert.Equal([null, 2L], cluster.Log("one").OfType<RunStarted>().Select(started => started.From));
        Assert.Equal(cluster.Undisturbed("one", 0), cluster.Losses("one", 0));
    }

    [Fact]
    public async Task A_run_whose_last_checkpoint_could_not_be_shared_is_completed_and_says_where_it_lies()
    {
        await using var cluster = new SiloFixture();
        using var objects = Objects(cluster);
        objects.Refuses = key => key.Contains("000010", StringComparison.Ordinal);
        cluster.Silo("a", settings: Own("a", cluster, objects));
        await cluster.Submit("one", Study("steps=10,checkpoint_every=100", trials: 1));
        await cluster.Finished("one");
        var last = Path.Combine(cluster.Folder, "a", "one", "0-0", "attempt-1", "step-000000010.safetensors");
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text.EndsWith($"The share is full. It stays on this one alone, at {last}; the newest elsewhere is none.", StringComparison.Ordinal));
        Assert.True(File.Exists(last));
        Assert.Equal(RunState.Completed, cluster.State("one").Trials[0].State);
    }

    [Theory]
    [InlineData("a flipped bit")]
    [InlineData("half of it")]
    [InlineData("nothing there")]
    public async Task A_damaged_checkpoint_is_told_and_the_run_goes_on_from_the_one_before_it_to_the_same_values(string damage)
    {
        await using var cluster = new SiloFixture();
        using var objects = Objects(cluster);
        // A first checkpoint of step 2, and that of step 3 when it is stopped.
        await (await Held(cluster, objects)).Stop();
        Damage(Path.Combine(cluster.Folder, "objects", "sweeps", "one", "0-0", "attempt-1", "step-000000003.safetensors"), damage);
        cluster.Silo("b", settings: Own("b", cluster, objects));
        await cluster.Finished("one");
        await cluster.WaitFor<HostSaid>((silo, _, said) => silo == "b" && said.Text.StartsWith("The checkpoint sweeps/one/0-0/attempt-1/step-000000003.safetensors", StringComparison.Ordinal));
        Assert.Equal([2L], cluster.Log("one").OfType<WentBack>().Select(back => back.From));
        Assert.Equal(cluster.Undisturbed("one", 0), cluster.Losses("one", 0));
    }

    [Fact]
    public async Task A_run_none_of_whose_checkpoints_is_whole_begins_anew()
    {
        await using var cluster = new SiloFixture();
        using var objects = Objects(cluster);
        await (await Held(cluster, objects)).Stop();
        foreach (var file in Directory.GetFiles(Path.Combine(cluster.Folder, "objects"), "step-*", SearchOption.AllDirectories)) Damage(file, "half of it");
        cluster.Silo("b", settings: Own("b", cluster, objects));
        await cluster.Finished("one");
        Assert.Equal([null], cluster.Log("one").OfType<WentBack>().Select(back => back.From));
        Assert.Equal(cluster.Undisturbed("one", 0), cluster.Losses("one", 0));
    }

    [Fact]
    public async Task A_folder_of_objects_that_goes_away_while_a_run_trains_costs_it_nothing()
    {
        await using var cluster = new SiloFixture();
        using var objects = Objects(cluster);
        var (folder, elsewhere) = (Path.Combine(cluster.Folder, "objects"), Path.Combine(cluster.Folder, "unmounted"));
        var silo = cluster.Silo("a", settings: Own("a", cluster, objects));
        // A file in its place, so that nothing can be made below it.
        Directory.Move(folder, elsewhere);
        File.WriteAllText(folder, "");
        await cluster.Submit("one", Study("steps=10,fault=hold,fault_at=3", trials: 1));
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text.Contains("is not recorded", StringComparison.Ordinal) && said.Text.Contains($"the folder {folder}", StringComparison.Ordinal));
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text == "holding");
        File.Delete(folder);
        Directory.Move(elsewhere, folder);
        await silo.Stop();
        Assert.Equal(3L, cluster.Log("one").OfType<CheckpointRecorded>().Last().Step);
        cluster.Silo("b", settings: Own("b", cluster, objects));
        await cluster.Finished("one");
        Assert.Equal([null, 3L], cluster.Log("one").OfType<RunStarted>().Select(started => started.From));
    }

    [Fact]
    public async Task A_checkpoint_that_is_out_of_reach_is_waited_for_and_costs_no_attempt()
    {
        var time = new ManualTime();
        await using var cluster = new SiloFixture(time);
        using var objects = Objects(cluster);
        var first = await Held(cluster, objects);
        await first.Stop();
        objects.IsAway = true;
        cluster.Silo("b", settings: Own("b", cluster, objects));
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text.Contains("waits for its checkpoint", StringComparison.Ordinal));
        // Far more often than a slot may fail.
        for (var i = 0; i < 10; i++) time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(RunState.Running, cluster.State("one").Trials[0].State);
        objects.IsAway = false;
        var began = cluster.WaitFor<RunBegan>((silo, _, _) => silo == "b");
        time.AdvanceUntil(began, TimeSpan.FromSeconds(1));
        await cluster.Finished("one");
        Assert.Equal(3, (await began).From);
        Assert.Empty(cluster.Log("one").OfType<RunFailed>());
        Assert.Equal(cluster.Undisturbed("one", 0), cluster.Losses("one", 0));
    }

    [Fact]
    public async Task A_run_whose_checkpoint_one_silo_cannot_have_is_given_back_and_goes_on_where_it_can_be_had()
    {
        var time = new ManualTime();
        await using var cluster = new SiloFixture(time);
        using var objects = Objects(cluster);
        using var away = Objects(cluster);
        var first = await Held(cluster, objects);
        await first.Stop();
        away.IsAway = true;
        cluster.Silo("b", settings: Own("b", cluster, away));
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text.Contains("waits for its checkpoint", StringComparison.Ordinal));
        var gaveBack = cluster.WaitFor<HostSaid>((silo, _, said) => silo == "b" && said.Text.Contains("the run goes on elsewhere", StringComparison.Ordinal));
        time.AdvanceUntil(gaveBack, TimeSpan.FromSeconds(5));
        await gaveBack;
        cluster.Silo("c", settings: Own("c", cluster, objects));
        Assert.Equal(3, (await cluster.WaitFor<RunBegan>((silo, _, _) => silo == "c")).From);
        await cluster.Finished("one");
        Assert.Empty(cluster.Log("one").OfType<RunFailed>());
        Assert.Equal(cluster.Undisturbed("one", 0), cluster.Losses("one", 0));
    }

    [Fact]
    public async Task A_silo_that_is_stopped_while_it_waits_for_a_checkpoint_pauses_the_run_where_it_stood()
    {
        await using var cluster = new SiloFixture(new ManualTime());
        using var objects = Objects(cluster);
        var first = await Held(cluster, objects);
        await first.Stop();
        objects.IsAway = true;
        var second = cluster.Silo("b", settings: Own("b", cluster, objects));
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text.Contains("waits for its checkpoint", StringComparison.Ordinal));
        await second.Stop();
        Assert.Equal([(1, 3L), (2, 3L)], cluster.Log("one").OfType<RunPaused>().Select(paused => (paused.Attempt, paused.Step)));
        objects.IsAway = false;
        cluster.Silo("c", settings: Own("c", cluster, objects));
        await cluster.Finished("one");
        Assert.Equal(cluster.Undisturbed("one", 0), cluster.Losses("one", 0));
    }

    [Fact]
    public async Task A_run_that_is_cancelled_while_it_waits_for_a_checkpoint_frees_its_slot()
    {
        var time = new ManualTime();
        await using var cluster = new SiloFixture(time);
        using var objects = Objects(cluster);
        var first = await Held(cluster, objects);
        await first.Stop();
        objects.IsAway = true;
        cluster.Silo("b", settings: Own("b", cluster, objects));
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text.Contains("waits for its checkpoint", StringComparison.Ordinal));
        cluster.Person("one").Decide([decision => decision.CancelTrial(0)]);
        var ended = cluster.WaitFor<RunEnded>((silo, _, _) => silo == "b");
        time.AdvanceUntil(ended, TimeSpan.FromSeconds(5));
        Assert.Equal(RunState.Cancelled, (await ended).State);
        await cluster.Finished("one");
    }

    /// <summary>A silo whose one run has been paused at step 3 when it is stopped.</summary>
    private static async Task<FixtureSilo> Held(SiloFixture cluster, ThrowingObjects objects)
    {
        var silo = cluster.Silo("a", settings: Own("a", cluster, objects));
        await cluster.Submit("one", Study("steps=10,fault=hold,fault_at=3", trials: 1));
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text == "holding");
        return silo;
    }

    private static void Damage(string file, string how)
    {
        var content = File.ReadAllBytes(file);
        content[content.Length / 2] ^= 4;
        if (how == "nothing there") File.Delete(file);
        else File.WriteAllBytes(file, how == "half of it" ? content[..(content.Length / 2)] : content);
    }

    private static IEnumerable<string?> Checkpoints(string folder) => Directory.GetFiles(folder, "step-*", SearchOption.AllDirectories).Select(Path.GetFileName).Order();

    private static ThrowingObjects Objects(SiloFixture cluster) => new(new FolderObjects(Directory.CreateDirectory(Path.Combine(cluster.Folder, "objects")).FullName));

    private static Func<HostSettings, HostSettings> Own(string silo, SiloFixture cluster, ThrowingObjects objects) =>
        settings => settings with { Folder = Path.Combine(cluster.Folder, silo, Path.GetFileName(settings.Folder)), Objects = new CheckpointObjects(objects, Path.GetFileName(settings.Folder)) };
}
