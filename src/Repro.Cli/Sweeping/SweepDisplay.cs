using System.Globalization;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Studies.Options;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Repro.Cli.Sweeping;

/// <summary>
/// Shows a host at work: on a terminal a table of the slots with the best so far, throughput and time left; elsewhere a line for each trial that ends.
/// </summary>
internal sealed class SweepDisplay : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    private readonly CommandOutput _output;
    private readonly TimeProvider _time;
    private readonly Study _study;
    private readonly Lock _lock = new();
    private readonly Dictionary<RunKey, IReadOnlyDictionary<string, double>> _newest = [];
    private readonly IAnsiConsole? _console;
    private readonly int _planned;
    private readonly int _slots;
    private readonly long _begun;
    private ITimer? _timer;
    private LiveDisplayContext? _context;
    private Func<IReadOnlyList<SlotSnapshot>>? _shown;
    private int _completed;
    private int _ended;
    private int _failed;
    private (RunKey Run, double Value)? _best;
    private string _lastFailure = "";

    public SweepDisplay(CommandOutput output, TimeProvider time, StoredSweep sweep, int slots)
    {
        (_output, _time, _study, _slots) = (output, time, sweep.Study, slots);
        _console = output.Interactive ? Terminal.Console(output.People) : null;
        var state = sweep.State;
        var done = state.Trials.SelectMany(trial => trial.Runs).Count(run => run.Done);
        // Trials that are not planned yet have as many runs as the study says.
        var rest = Math.Max(0, state.Budget - state.Searched) * sweep.Study.Seeds;
        _planned = state.Trials.SelectMany(trial => trial.Runs).Count() - done + rest;
        if (state.Best(_study.Objective) is { } best) _best = (new RunKey(best, 0), state.Trials[best].Mean(_study.Objective.Metric)!.Value);
        _begun = time.GetTimestamp();
    }

    /// <param name="slots">How they stand now.</param>
    public T During<T>(Func<IReadOnlyList<SlotSnapshot>> slots, Func<T> work)
    {
        _shown = slots;
        if (_console is null) return work();
        return _console.Live(new Text("starting")).AutoClear(true).Start(context =>
        {
            _context = context;
            using (_timer = _time.CreateTimer(_ => Draw(), null, TimeSpan.Zero, Every))
            {
                try
                {
                    return work();
                }
                finally
                {
                    lock (_lock) _context = null;
                }
            }
        });
    }

    /// <summary>Takes what the host says, on any thread.</summary>
    public void Saw(HostEvent happened)
    {
        lock (_lock)
        {
            switch (happened)
            {
                case RunTaken taken:
                    _output.Event("run_started", Of(taken.Slot, taken.Assignment.Run, taken.Assignment.Attempt));
                    break;
                case RunBegan began:
                    var begun = Of(began.Slot, began.Run, began.Attempt);
                    begun["from"] = began.From;
                    begun["process"] = began.Process;
                    _output.Event("run_began", begun);
                    break;
                case RunProgressed progressed:
                    Progressed(progressed);
                    break;
                case RunMeasured measured:
                    Measured(measured);
                    break;
                case RunSaved saved:
                    var checkpoint = Of(saved.Slot, saved.Run, saved.Attempt);
                    checkpoint["step"] = saved.Step;
                    _output.Event("checkpoint", checkpoint);
                    break;
                case RunEnded ended:
                    Ended(ended);
                    break;
                case HostSaid said:
                    if (TestSeal.CoversWords(said.Text)) break;
                    if (said.Run is null) Say(said.Text);
                    _output.Event("message", new JsonObject { ["slot"] = said.Slot, ["run"] = said.Run?.ToString(), ["text"] = said.Text });
                    break;
                case SlotGivenUp given:
                    Say(given.Why);
                    break;
                case StoreWentAway away:
                    Say($"{away.Why} The runs train on, and report when the store is back.");
                    break;
                case StoreCameBack:
                    Say("The store is back.");
                    break;
                case LeaseLost lost:
                    Say($"This host was taken for dead as {lost.Host}: its runs may be others' now. It begins again as {lost.Next}.");
                    break;
            }
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void Progressed(RunProgressed progressed)
    {
        var (json, progress) = (Of(progressed.Slot, progressed.Run, null), progressed.Progress);
        (json["phase"], json["step"], json["steps"]) = (progress.Phase, progress.Step, progress.Steps);
        CommandOutput.Number(json, "steps_per_second", Math.Round(progress.StepsPerSecond, 2));
        _output.Event("progress", json);
    }

    private void Measured(RunMeasured measured)
    {
        var values = new Dictionary<string, double>(_newest.GetValueOrDefault(measured.Run) ?? new Dictionary<string, double>());
        foreach (var point in measured.Points) values[point.Name] = point.Value;
        _newest[measured.Run] = values;
        foreach (var point in measured.Points.Where(point => point.Name == _study.Objective.Metric))
        {
            var json = Of(measured.Slot, measured.Run, null);
            json["step"] = point.Step;
            CommandOutput.Number(json, point.Name, point.Value);
            _output.Event("value", json);
        }
    }

    private void Ended(RunEnded ended)
    {
        var value = _newest.GetValueOrDefault(ended.Run)?.TryGetValue(_study.Objective.Metric, out var last) == true ? last : double.NaN;
        if (ended.State is RunState.Completed or RunState.Pruned or RunState.Failed or RunState.Cancelled) _ended++;
        if (ended.State == RunState.Completed)
        {
            _completed++;
            if (double.IsFinite(value) && (_best is not { } best || Better(value, best.Value))) _best = (ended.Run, value);
        }
        if (ended.Failure is { } failure)
        {
            _failed++;
            _lastFailure = $"run {ended.Run}: {OptionText.Write(failure)}: {ended.Message}";
        }
        _newest.Remove(ended.Run);
        var json = Of(ended.Slot, ended.Run, ended.Attempt);
        json["state"] = Words.State(ended.State);
        json["failure"] = ended.Failure is { } kind ? OptionText.Write(kind) : null;
        json["message"] = ended.Message;
        if (!double.IsNaN(value)) CommandOutput.Number(json, _study.Objective.Metric, value);
        _output.Event("run_ended", json);
        var score = double.IsNaN(value) ? "" : $"  {_study.Objective.Metric} {ScoreText.WithUnit(_study.Objective.Metric, value)}";
        var mark = ended.State != RunState.Planned ? Words.State(ended.State) : ended.Failure == FailureClass.Lost ? "lost" : "to be tried again";
        Say($"run {ended.Run,-7} {mark}{score}{(ended.Message is { } message ? $"  {message}" : "")}{(_ended > 0 ? $"  [{Progress()}]" : "")}");
    }

    private string Progress()
    {
        var elapsed = _time.GetElapsedTime(_begun);
        var perHour = _ended / Math.Max(elapsed.TotalHours, 1e-9);
        var left = _ended == 0 ? null : (TimeSpan?)(elapsed * Math.Min(1000, (double)Math.Max(0, _planned - _ended) / _ended));
        return $"{_ended}/{_planned}, {perHour.ToString("0.#", CultureInfo.InvariantCulture)} runs/h{(left is { } time ? $", {Words.Duration(time)} left" : "")}";
    }

    private bool Better(double a, double b) => _study.Objective.Direction == Studies.Samplers.ObjectiveDirection.Minimize ? a < b : a > b;

    private void Say(string line)
    {
        if (_context is null) _output.Say(line);
        else _console!.WriteLine(line);
    }

    private void Draw()
    {
        lock (_lock)
        {
            if (_context is not { } context || _shown is not { } slots) return;
            var table = new Table { Border = TableBorder.Simple };
            foreach (var header in new[] { "slot", "run", "step", "steps/s", _study.Objective.Metric, "configuration" }) table.AddColumn(header);
            foreach (var slot in slots()) table.AddRow([.. Row(slot).Select(text => new Text(text))]);
            var best = _best is { } b ? $"best {_study.Objective.Metric} {ScoreText.WithUnit(_study.Objective.Metric, b.Value)} (run {b.Run})" : "no run has completed yet";
            var lines = new List<IRenderable> { table, new Text($"{best}; {Progress()}") };
            if (_failed > 0) lines.Add(new Text($"{_failed} attempts failed; last: {_lastFailure}"));
            context.UpdateTarget(new Rows(lines));
        }
    }

    private IEnumerable<string> Row(SlotSnapshot slot)
    {
        if (slot.Run is not { } run) return [slot.Slot.Name, slot.GivenUp is null ? "waits" : "given up", "", "", "", slot.GivenUp ?? ""];
        var progress = slot.Progress;
        return
        [
            slot.Slot.Name,
            run.Attempt > 1 ? $"{run.Run}, attempt {run.Attempt}" : run.Run.ToString(),
            progress is null ? "starts" : progress.Phase == "training" ? $"{progress.Step}/{progress.Steps}" : $"{progress.Phase} {progress.Step}/{progress.Steps}",
            progress is null ? "" : progress.StepsPerSecond.ToString("0.0", CultureInfo.InvariantCulture),
            _newest.GetValueOrDefault(run.Run)?.TryGetValue(_study.Objective.Metric, out var value) == true ? Words.Number(value) : "",
            run.Configuration.ToString(),
        ];
    }

    private static JsonObject Of(string slot, RunKey run, int? attempt)
    {
        var json = new JsonObject { ["trial"] = run.Trial, ["run"] = run.ToString(), ["slot"] = slot };
        if (attempt is { } number) json["attempt"] = number;
        return json;
    }
}
