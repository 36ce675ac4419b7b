using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Running;
using Repro.Cli.Verbs;
using Repro.Cli.Verbs.Sweeps;
using Repro.Results.Provenance;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;
using Repro.Training;
using Repro.Training.Checks;
using Repro.Training.Datasets;
using Repro.Workers.Hosts;

namespace Repro.Cli.Sweeping;

/// <summary>Begins a sweep, after its recipe was checked, or changes one that there is, and works on it.</summary>
internal sealed class SweepLaunch(Surroundings surroundings, CommandOutput output, HostChoices choices)
{
    private readonly RunsFolder _runs = RunsFolder.FromEnvironment(choices.Runs);

    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public int Start(PreparedSweep prepared, string? given, bool skipChecks)
    {
        var study = prepared.Study;
        foreach (var set in prepared.Found.Experiment.DataSets(BaseOptions(prepared))) DatasetRegistry.Find(set).Require(DataFolders.FromEnvironment(choices.Data));
        var address = SweepStores.Address(choices.Store, _runs);
        using var store = SweepStores.OpenOrMake(address);
        var (name, exists) = SweepNames.For(store, given, prepared.Found.Name, study, prepared.Seed);
        var hosting = new SweepHosting(surroundings, output, choices, _runs, address);
        if (exists)
        {
            output.Say($"The sweep {name} is this study with this seed: going on with it. Another one: --name.");
            return hosting.Work(store, name);
        }
        if (given is null && SweepNames.Stem(prepared.Found.Name) is var first && first != name)
            output.Say($"{first} is a sweep of another study or seed; this one is {name}. More trials for that one: ./repro sweep {first} --extend N");
        foreach (var warning in prepared.Warnings()) output.Complain(warning);
        var tags = new Dictionary<string, string>();
        if (skipChecks) tags[SweepTags.Checks] = "skipped";
        else if (!Checked(prepared, name, tags)) return ExitCode.Failed;
        var git = GitState.Of(ProgramRoot.Path);
        if (git.Commit is { } commit) tags[SweepTags.Commit] = git.Dirty ? $"{commit} with uncommitted changes" : commit;
        var coordinator = new Coordinator(store, name, study, host: null, surroundings.Time);
        coordinator.Decide([decision =>
        {
            // Another machine may have begun it meanwhile.
            if (decision.State.Created is not null) return;
            decision.Create(prepared.Seed, prepared.Paper);
            foreach (var (tag, value) in tags) decision.Tag(null, tag, value);
        }]);
        return hosting.Work(store, name);
    }

    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public int Ask(string sweep, SweepRequest request)
    {
        var address = SweepStores.Address(choices.Store, _runs);
        using var store = SweepStores.Open(address);
        var stored = StoredSweep.Find(store, sweep, _runs);
        foreach (var configuration in request.Enqueue) Require(stored.Study, configuration);
        stored.Coordinator.Decide([decision =>
        {
            if (request.Extend > 0) decision.Extend(decision.State.Budget + request.Extend);
            foreach (var configuration in request.Enqueue) decision.Enqueue(configuration, TrialOrigin.Enqueued, stored.Study.Seeds);
            if (request.Confirm > 0) decision.Confirm(request.Chosen, request.Confirm);
        }]);
        if (request.Extend > 0) output.Say($"{stored.Name} tries {request.Extend} more configuration{(request.Extend == 1 ? "" : "s")}.");
        if (request.Enqueue.Count > 0) output.Say($"{stored.Name} tries what was asked for: {string.Join("; ", request.Enqueue)}");
        return new SweepHosting(surroundings, output, choices, _runs, address).WorkUnlessHosted(stored);
    }

    // The setting that the trials begin from: what every one of them changes is checked at its start, by the trial itself.
    private bool Checked(PreparedSweep prepared, string name, Dictionary<string, string> tags)
    {
        var profile = ChosenExperiment.FindProfile(prepared.Found.Experiment, prepared.Study.Profile);
        var chosen = ChosenExperiment.From(prepared.Found.Experiment, profile, BaseOptions(prepared));
        var context = new RunContext { Seed = prepared.Seed, Device = Slots.OfThisMachine(choices.Slots, choices.Device)[0].Device, Data = DataFolders.FromEnvironment(choices.Data) };
        using var stop = new StopSignals(output, "Stopping after this check; Ctrl-C again stops now.");
        var results = new RecipeChecking(surroundings, output).Run(chosen, context, null, Path.Combine(StoredSweep.FolderOf(_runs, name), "checks"), (_, _) => { }, stop.Token);
        output.Say(RecipeChecking.Count(results));
        // The data set and the models of the checks would stay for as long as the host waits for its workers.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var failed = results.Where(result => result.Verdict == CheckVerdict.Failed).Select(result => result.Name).ToList();
        tags[SweepTags.Checks] = $"{results.Count(result => result.Verdict == CheckVerdict.Passed)} passed";
        if (failed.Count == 0) return true;
        output.Complain($"The recipe fails: {string.Join(", ", failed)}. The sweep is not started. Mend it, or start all the same with --skip-checks, which the report then says.");
        output.Result(new JsonObject { ["sweep"] = name, ["status"] = "failed", ["trials"] = new JsonObject(), ["best"] = null, ["failed_checks"] = new JsonArray([.. failed.Select(check => (JsonNode)check)]) });
        return false;
    }

    private static object BaseOptions(PreparedSweep prepared) =>
        OptionSchema.Apply(ChosenExperiment.FindProfile(prepared.Found.Experiment, prepared.Study.Profile).Options, prepared.Study.Fixed.Settings);

    private void Require(Study study, Configuration configuration)
    {
        var experiment = ChosenExperiment.Find(surroundings, study.Experiment);
        var options = OptionSchema.Apply(ChosenExperiment.FindProfile(experiment, study.Profile).Options, study.Fixed.Settings.Concat(configuration.Settings));
        if (experiment.ForSearch(options) is { Count: > 0 } needed)
            throw new BadInputException($"--enqueue {configuration}: it would compute test metrics or have nothing to validate on. Leave these options alone, or set {needed}.");
        if (experiment.Complaint(options) is { } complaint) throw new BadInputException($"--enqueue {configuration}: {complaint}");
    }
}
