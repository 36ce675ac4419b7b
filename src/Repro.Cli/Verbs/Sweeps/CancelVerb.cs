using System.CommandLine;
using Repro.Cli.Output;
using Repro.Cli.Sweeping;
using Repro.Results.Runs;

namespace Repro.Cli.Verbs.Sweeps;

/// <summary><c>repro cancel</c>: ends a sweep, or one of its trials, or holds it for a while.</summary>
internal static class CancelVerb
{
    public static Command Create(Surroundings surroundings)
    {
        var sweep = new Argument<string>("SWEEP") { Description = "Name of a sweep, a beginning that only one has, or the word last" };
        var trial = new Option<int?>("--trial") { Description = "Ends only this trial; repro resume SWEEP --trial N takes that back", HelpName = "N" };
        var pause = new Option<bool>("--pause") { Description = "Gives out no more runs until repro resume; those that train go on to their end" };
        var store = SweepStores.Option();
        var runs = SharedOptions.Runs();
        var verb = new Verb(
            "cancel", "Ends a sweep for good, wherever its hosts are: what trains is stopped, what is done stays.",
            "./repro cancel last", "./repro cancel resnet-learning-rate --trial 7", "./repro cancel last --pause") { sweep, trial, pause, store, runs };
        verb.SetAction(arguments =>
        {
            var output = new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json));
            var folder = RunsFolder.FromEnvironment(arguments.GetValue(runs));
            var address = SweepStores.Address(arguments.GetValue(store), folder);
            using var opened = SweepStores.Open(address);
            var stored = StoredSweep.Find(opened, arguments.GetRequiredValue(sweep), folder);
            if (arguments.GetValue(trial) is not null && arguments.GetValue(pause)) throw new Studies.BadInputException("--pause holds a whole sweep; leave --trial out.");
            var (number, status) = (arguments.GetValue(trial), SweepSummary.Of(stored.Name, stored.State, stored.Study, stored.IsHosted).Status);
            if (number is >= 0 && number < stored.State.Trials.Count && stored.State.Trials[number.Value] is { Done: true } done)
            {
                output.Say($"Trial {number} is {Words.State(done.State)}: there is nothing to cancel.");
            }
            else if (number is null && status == "completed" && !arguments.GetValue(pause))
            {
                output.Say($"{stored.Name} is completed: there is nothing to cancel.");
            }
            else
            {
                stored.Coordinator.Decide([decision =>
                {
                    if (number is { } one) decision.CancelTrial(one);
                    else decision.Hold(cancel: !arguments.GetValue(pause));
                }]);
                if (number is not null) output.Say($"Trial {number} is cancelled; ./repro resume {stored.Name} --trial {number} takes it up again.");
            }
            var before = stored;
            stored = StoredSweep.Open(opened, stored.Name, folder);
            var told = ClusterWord.Tell(surroundings, before, stored, address);
            var summary = SweepSummary.Of(stored.Name, stored.State, stored.Study, stored.IsHosted);
            output.Say($"{stored.Name}: {(stored.State.Held && summary.Status == "running" ? "held, and running to the end of what trains" : summary.Status)}; {summary.Counts}.");
            var json = summary.ToJson(stored.Study);
            if (told is { } heard) json["cluster_told"] = heard;
            output.Result(json);
            return ExitCode.Done;
        });
        return verb;
    }
}
