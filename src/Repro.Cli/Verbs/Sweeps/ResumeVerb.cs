using System.CommandLine;
using Repro.Cli.Output;
using Repro.Cli.Sweeping;
using Repro.Results.Runs;

namespace Repro.Cli.Verbs.Sweeps;

/// <summary><c>repro resume</c>: goes on with a sweep that was stopped, killed or held.</summary>
internal static class ResumeVerb
{
    public static Command Create(Surroundings surroundings)
    {
        var sweep = new Argument<string>("SWEEP") { Description = "Name of a sweep, a beginning that only one has, or the word last" };
        var trial = new Option<int?>("--trial") { Description = "Tries the failed and cancelled runs of this trial again, with all their retries anew", HelpName = "N" };
        var host = new HostOptions();
        var verb = new Verb(
            "resume", "Goes on with a sweep on this machine, from the recorded checkpoints; what is done is not done again.",
            "./repro resume last", "./repro resume resnet-learning-rate --slots 2", "./repro resume last --trial 7") { sweep, trial };
        host.AddTo(verb);
        verb.SetAction(arguments =>
        {
            var output = new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json));
            var choices = host.Read(arguments);
            var runs = RunsFolder.FromEnvironment(choices.Runs);
            var address = SweepStores.Address(choices.Store, runs);
            using var store = SweepStores.Open(address);
            var stored = StoredSweep.Find(store, arguments.GetRequiredValue(sweep), runs);
            // What is refused has changed nothing.
            if (choices.Cluster is null && arguments.GetValue(trial) is null) SweepHosting.RequireNoCluster(stored);
            stored.Coordinator.Decide([decision =>
            {
                if (arguments.GetValue(trial) is { } number) decision.RetryTrial(number);
                // What was ended for good a cluster is not given; it is shown how it ended.
                if (choices.Cluster is null || !decision.State.Cancelled) decision.Release();
            }]);
            var hosting = new SweepHosting(surroundings, output, choices, runs, address);
            var code = arguments.GetValue(trial) is null ? hosting.Work(store, stored.Name) : hosting.WorkUnlessHosted(stored);
            return code == ExitCode.Done && choices.Cluster is not null && stored.State.Cancelled ? ExitCode.Cancelled : code;
        });
        return verb;
    }
}
