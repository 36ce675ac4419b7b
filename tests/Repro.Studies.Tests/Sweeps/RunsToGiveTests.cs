using Repro.Studies.Pruners;
using Repro.Studies.Randomness;
using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Studies.Tests.Sweeps;

public sealed class RunsToGiveTests
{
    public static TheoryData<string, string, int> Studies
    {
        get
        {
            var studies = new TheoryData<string, string, int>();
            foreach (var pruner in PrunerCatalog.Names)
            {
                foreach (var sampler in (string[])["random", "grid"])
                {
                    for (var seed = 0; seed < 5; seed++) studies.Add(pruner, sampler, seed);
                }
            }
            return studies;
        }
    }

    /// <summary>The property that slots rest on which are not told to ask: no claim gives a run where none was to give, and there are never more than were said.</summary>
    [Theory]
    [MemberData(nameof(Studies))]
    public void Never_more_runs_are_given_than_were_to_give(string pruner, string sampler, int seed)
    {
        var study = SweepFixture.Search(trials: 64, pruner, seeds: 1 + (seed % 2)) with { Sampler = sampler };
        if (sampler == "grid") study = study with { Space = new SearchSpace([CompactForm.Parse("rate=0.1,0.2,0.3,0.4,0.5")]) };
        var sweep = new SweepFixture(study);
        var (host, chance, running) = (sweep.Host("a"), new Philox((ulong)seed, RandomPurpose.Checks), new List<(Assignment Run, long Step)>());
        var gave = 0;
        for (var moment = 0; moment < 1_500; moment++)
        {
            switch (chance.NextInt32(12))
            {
                case < 4:
                    // As many slots ask as would.
                    host.Decide(decision =>
                    {
                        bool? over = decision.State is { Held: false, Running.Count: 0 } ? decision.EndIfOver() : null;
                        var (most, given) = (decision.RunsToGive, 0);
                        for (var slot = 1 + chance.NextInt32(5); slot > 0 && decision.Claim($"{moment}-{slot}") is { } run; slot--)
                        {
                            running.Add((run, 0));
                            given++;
                        }
                        Assert.True(given <= most, $"{given} runs were given, and {most} were to give.");
                        // Where nothing trains it is over, or whoever asks has a run.
                        if (over is not null) Assert.Equal(given == 0, over);
                        gave += given;
                        return true;
                    });
                    break;
                case < 8 when running.Count > 0:
                    var which = chance.NextInt32(running.Count);
                    var (trains, step) = (running[which].Run, Math.Min(64, Math.Max(1, running[which].Step * 2)));
                    running[which] = (trains, step);
                    var directive = host.Decide(decision => decision.Report(trains.Run, trains.Attempt, [new MetricPoint("loss", step, (trains.Run.Trial * 7 % 12) + (1.0 / step), 0)], []));
                    if (directive == Directive.End) running.RemoveAt(which);
                    else if (directive == Directive.Pause) End(which, (decision, run) => decision.Pause(run.Run, run.Attempt, step));
                    break;
                case 8 when running.Count > 0:
                    End(chance.NextInt32(running.Count), (decision, run) => decision.Complete(run.Run, run.Attempt, 64, SweepFixture.Loss(run.Run.Trial)));
                    break;
                case 9 when running.Count > 0:
                    End(chance.NextInt32(running.Count), (decision, run) => decision.Fail(run.Run, run.Attempt, FailureClass.Crash, "It crashed."));
                    break;
                case 10 when moment % 3 == 0:
                    sweep.Person.Decide([decision => decision.Enqueue(Configuration.Parse("rate=0.5"), TrialOrigin.Enqueued, 1)]);
                    break;
                case 11 when sweep.State.Held:
                    sweep.Person.Decide([decision => decision.Release()]);
                    break;
                case 11 when moment % 4 == 0:
                    sweep.Person.Decide([decision => decision.Hold(cancel: false)]);
                    break;
            }
        }
        Assert.True(gave > 5, $"Only {gave} runs were given: this shows nothing.");

        void End(int which, Func<Decision, Assignment, bool> how)
        {
            host.Decide(decision => how(decision, running[which].Run));
            running.RemoveAt(which);
        }
    }

    [Fact]
    public void At_the_tail_of_a_search_nothing_is_to_give_while_the_last_runs_train()
    {
        var sweep = new SweepFixture(SweepFixture.Search(trials: 2));
        var host = sweep.Host("a");
        Assert.Equal(2, host.Decide(decision => decision.RunsToGive));
        var first = host.Decide(decision => decision.Claim("s"))!;
        Assert.Equal(1, host.Decide(decision => decision.RunsToGive));
        host.Decide(decision => decision.Claim("t"));
        Assert.Equal(0, host.Decide(decision => decision.RunsToGive));
        host.Decide(decision => decision.Fail(first.Run, 1, FailureClass.Machine, "No space is left."));
        Assert.Equal(1, host.Decide(decision => decision.RunsToGive));
    }
}
