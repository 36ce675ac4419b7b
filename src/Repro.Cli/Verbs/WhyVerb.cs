using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Running;
using Repro.Cli.Sweeping;
using Repro.Reports.Comparison;
using Repro.Results.Runs;
using Repro.Studies.Options;
using Repro.Studies.Runs;
using Repro.Workers.Hosts;

namespace Repro.Cli.Verbs;

/// <summary><c>repro why</c>: why a run ended as it did, or a sweep does not go on, and what to do next; all of it from stored events.</summary>
internal static class WhyVerb
{
    private const int RunsShown = 8;

    public static Command Create(Surroundings surroundings)
    {
        var run = new Argument<string>("RUN|SWEEP") { Description = "Id of a run, a beginning that only one run has, the word last, the path of a run's folder, or SWEEP/TRIAL for a run of a sweep; where there is no such run, a sweep, or the folder of an exported one" };
        var store = SweepStores.Option();
        var objects = SiloRecords.Option();
        var runs = SharedOptions.Runs();
        var verb = new Verb(
            "why", "Says why a run ended as it did: what happened to it, in order, the cause, and the command that helps. Of a sweep: why it ended or does not go on, and its failures by cause.",
            "./repro why last", "./repro why resnet-learning-rate/13-0", "./repro why resnet-learning-rate", "./repro why results/resnet/quick", "./repro why results/resnet/learning-rate-cluster/13-0 --json") { run, store, objects, runs };
        verb.SetAction(arguments =>
        {
            var output = new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json));
            var place = RunsFolder.FromEnvironment(arguments.GetValue(runs));
            using var subject = Subject.Find(place, arguments.GetRequiredValue(run), arguments.GetValue(store));
            subject.Announce(output, arguments.GetRequiredValue(run));
            var (options, runsAlone) = (SweepStores.Options(subject.Sweep is null ? null : arguments.GetValue(store), arguments.GetValue(runs)), SweepStores.Options(null, arguments.GetValue(runs)));
            var account = subject switch
            {
                { RunFolder: { } own } => OfRun(own, place.FolderOf(subject.Name) == own ? subject.Name : Words.Shell(subject.Text), options),
                { Sweep: { } sweep, Key: { } key } => OfRunOfSweep(surroundings, sweep, key, new SiloRecords(arguments.GetValue(objects), output.Complain), options, runsAlone),
                _ => OfSweep(subject.Sweep!, options),
            };
            if (subject.Sweep is { Export: not null } && account.Next.Count > 0)
                account = account with { Next = [new NextStep("to have it in a store, which the other commands ask", $"./repro import {Words.Shell(subject.Text[..^(subject.Key is null ? 0 : subject.Text.Length - subject.Text.LastIndexOf('/'))])}{options}"), .. account.Next] };
            Write(output, account);
            output.Result(Json(subject, account));
            return ExitCode.Done;
        });
        return verb;
    }

    private static Account OfRun(string folder, string name, string options)
    {
        var run = RunFolderReader.Read(folder);
        var holder = RunFolderReader.IsHeld(folder) ? RunFolderReader.Holder(folder) ?? "another process" : null;
        // Whoever holds it writes checkpoints and removes others; a completed one needs none.
        var whole = holder is not null || run.State == RunState.Completed || RecordedCheckpoints.FirstWhole(RunFolderReader.Checkpoints(run), _ => { }) is not null;
        return RunFolderAccount.Of(run, RunHistory.Read(folder), name, holder, options, whole);
    }

    private static Account OfRunOfSweep(Surroundings surroundings, StoredSweep sweep, Studies.Sweeps.RunKey key, SiloRecords records, string options, string runs)
    {
        records.Bring(sweep, key);
        return new SweepRunAccount(sweep.Name, sweep.Study, sweep.State, key, SweepRuns.Record(surroundings, sweep, key, test: false), sweep.Store.Read(sweep.Name), MachineMeter.WorkerMemory, options) { Runs = runs }.Tell();
    }

    private static Account OfSweep(StoredSweep sweep, string options)
    {
        var status = SweepSummary.Of(sweep.Name, sweep.State, sweep.Study, sweep.IsHosted).Status;
        return new SweepAccount(sweep.Name, status, sweep.Study, sweep.State, sweep.Store.Read(sweep.Name), options).Tell();
    }

    private static void Write(CommandOutput output, Account account)
    {
        output.Say($"{account.Subject}: {account.Status}");
        Say(output, account.Why);
        output.Say();
        var attempts = account.History.Any(line => line.Attempt is not null);
        var table = attempts ? new TextTable("time (UTC)", "attempt", "what happened") { Right = new HashSet<int> { 1 } } : new TextTable("time (UTC)", "what happened");
        foreach (var line in account.History)
        {
            var time = line.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            table.Row(attempts ? [time, line.Attempt?.ToString(CultureInfo.InvariantCulture) ?? "", line.Words] : [time, line.Words]);
        }
        table.Write(output);
        Failures(output, account);
        if (account.Findings.Count > 0) output.Say();
        foreach (var finding in account.Findings) Say(output, finding);
        if (account.Next.Count == 0) return;
        output.Say();
        output.Say("What to do next:");
        foreach (var next in account.Next)
        {
            output.Say($"  {next.When}:");
            output.Say($"    {next.Command}");
        }
    }

    private static void Failures(CommandOutput output, Account account)
    {
        if (account.Failures.Count == 0) return;
        output.Say();
        var table = new TextTable("failed attempts", "tried again", "cause", "runs") { Right = new HashSet<int> { 0, 1 } };
        foreach (var cause in account.Failures)
        {
            table.RowWithNote(
                cause.Message.ReplaceLineEndings(" "), cause.Attempts.ToString(CultureInfo.InvariantCulture), cause.Again.ToString(CultureInfo.InvariantCulture), FailureWords.Word(cause.Class),
                string.Join(", ", cause.Runs.Take(RunsShown)) + (cause.Runs.Count > RunsShown ? $" and {cause.Runs.Count - RunsShown} more" : ""));
        }
        table.Write(output);
    }

    private static JsonObject Json(Subject subject, Account account) => new()
    {
        ["kind"] = subject.IsRun ? "run" : "sweep", ["name"] = account.Subject, ["status"] = account.Status, ["why"] = account.Why,
        ["history"] = new JsonArray([.. account.History.Select(line => (JsonNode)new JsonObject
        {
            ["time"] = line.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture), ["attempt"] = line.Attempt, ["event"] = line.Event, ["text"] = line.Words,
        })]),
        ["findings"] = new JsonArray([.. account.Findings.Select(finding => (JsonNode)finding)]),
        ["failures"] = new JsonArray([.. account.Failures.Select(cause => (JsonNode)new JsonObject
        {
            ["class"] = OptionText.Write(cause.Class), ["message"] = cause.Message, ["attempts"] = cause.Attempts, ["tried_again"] = cause.Again, ["runs"] = new JsonArray([.. cause.Runs.Select(run => (JsonNode)run.ToString())]),
        })]),
        ["next"] = new JsonArray([.. account.Next.Select(next => (JsonNode)new JsonObject { ["when"] = next.When, ["command"] = next.Command })]),
    };

    private static void Say(CommandOutput output, string text)
    {
        foreach (var line in TextLines.Wrap(text, output.Width, breakWords: false)) output.Say(line);
    }
}
