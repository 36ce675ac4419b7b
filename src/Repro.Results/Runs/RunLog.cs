using System.Text.Json;
using System.Text.Json.Nodes;
using Repro.Studies;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Results.Runs;

/// <summary>
/// The meaning of <c>events.jsonl</c>: what happened to a run, in order. Every event carries the attempt that wrote it; an event of an attempt
/// older than the newest started one is a late writer's and does not count.
/// </summary>
internal sealed class RunLog
{
    private readonly List<RunAttempt> _attempts = [];
    private readonly List<string> _messages = [];
    private readonly List<RecordedCheck> _checks = [];
    private readonly Dictionary<string, double> _scores = [];

    public RunState State { get; private set; } = RunState.Planned;

    public string? Failure { get; private set; }

    public FailureClass? FailureClass { get; private set; }

    public double? WaitingShare { get; private set; }

    public IReadOnlyList<RunAttempt> Attempts => _attempts;

    public IReadOnlyList<string> Messages => _messages;

    public IReadOnlyList<RecordedCheck> Checks => _checks;

    public IReadOnlyDictionary<string, double> Scores => _scores;

    /// <summary>Wall time of the attempts that ended with a word, and of the others up to their last event.</summary>
    public TimeSpan WallTime { get; private set; }

    public static string FileOf(string folder) => Path.Combine(folder, "events.jsonl");

    /// <exception cref="BadInputException">A line is corrupt, or is no event.</exception>
    public static RunLog Read(string folder)
    {
        var log = new RunLog();
        var number = 0;
        var before = TimeSpan.Zero;
        foreach (var json in JsonLinesFile.Read(FileOf(folder)))
        {
            number++;
            try
            {
                if ((string?)json["event"] == "started") before = log.WallTime;
                var wasRunning = log.State == RunState.Running;
                log.Fold(json);
                if (wasRunning || log.State == RunState.Running) log.WallTime = before + (RunJson.ReadTime(json["time"]!) - log._attempts[^1].Started);
            }
            catch (Exception e) when (RunJson.IsMalformed(e))
            {
                throw new BadInputException(
                    $"Line {number} of {FileOf(folder)} is no event of a run ({RunJson.What(e)}): the file is corrupt. Restore it from a copy, or delete the run's folder.", e);
            }
        }
        return log;
    }

    public static JsonObject Started(int attempt, long? resumedFrom, IReadOnlyList<string> differences, RunEnvironment environment) => new()
    {
        ["event"] = "started",
        ["attempt"] = attempt,
        ["resumed_from"] = resumedFrom,
        ["differences"] = new JsonArray(differences.Select(d => (JsonNode)d).ToArray()),
        ["process"] = Environment.ProcessId,
        ["host"] = Environment.MachineName,
        ["environment"] = JsonSerializer.SerializeToNode(environment, RunJson.Compact),
    };

    public static JsonObject Data(int attempt, IReadOnlyList<DataSetUsed> sets) => new()
    {
        ["event"] = "data",
        ["attempt"] = attempt,
        ["data_sets"] = JsonSerializer.SerializeToNode(sets, RunJson.Compact),
    };

    public static JsonObject Checkpoint(int attempt, RecordedCheckpoint checkpoint) => new()
    {
        ["event"] = "checkpoint",
        ["attempt"] = attempt,
        ["step"] = checkpoint.Step,
        ["file"] = checkpoint.File,
        ["sha256"] = checkpoint.Sha256,
        ["bytes"] = checkpoint.Bytes,
    };

    public static JsonObject Message(int attempt, string text) => new() { ["event"] = "message", ["attempt"] = attempt, ["text"] = text };

    public static JsonObject Check(int attempt, RecordedCheck check)
    {
        var json = new JsonObject { ["event"] = "check", ["attempt"] = attempt, ["name"] = check.Name, ["question"] = check.Question };
        RunJson.Number(json, "value", check.Value);
        json["expected"] = check.Expected;
        json["verdict"] = check.Verdict;
        json["detail"] = check.Detail;
        return json;
    }

    public static JsonObject Ended(int attempt, RunEnding ending)
    {
        var scores = new JsonObject();
        foreach (var (name, value) in ending.Scores) RunJson.Number(scores, name, value);
        var json = new JsonObject { ["event"] = ending.State.ToString().ToLowerInvariant(), ["attempt"] = attempt, ["step"] = ending.Step };
        if (ending.Failure is not null) json["failure"] = ending.Failure;
        if (ending.Class is { } failure) json["class"] = RunHistory.Word(failure);
        if (ending.State == RunState.Completed) json["scores"] = scores;
        json["waiting_share"] = ending.WaitingShare;
        json["peak_memory_bytes"] = ending.PeakMemoryBytes;
        return json;
    }

    private void Fold(JsonObject json)
    {
        var kind = (string)json["event"]!;
        var attempt = (int)json["attempt"]!;
        if (_attempts.Count > 0 && attempt < _attempts[^1].Number) return;
        if (_attempts.Count == 0 && kind != "started") throw new FormatException($"'{kind}' comes before the first 'started'");
        switch (kind)
        {
            case "started":
                var differences = json["differences"]!.AsArray().Select(d => (string)d!).ToList();
                _attempts.Add(new RunAttempt(
                    attempt, RunJson.ReadTime(json["time"]!), (long?)json["resumed_from"], differences.Count == 0,
                    json["environment"].Deserialize<RunEnvironment>(RunJson.Compact)!, []) { Differences = differences });
                State = RunState.Running;
                (Failure, FailureClass) = (null, null);
                break;
            case "data":
                ChangeEnvironment(e => e with { DataSets = json["data_sets"].Deserialize<List<DataSetUsed>>(RunJson.Compact)! });
                break;
            case "checkpoint":
                var checkpoint = new RecordedCheckpoint((long)json["step"]!, (string)json["file"]!, (string)json["sha256"]!, (long)json["bytes"]!);
                if (checkpoint.Step < 0) throw new FormatException($"a checkpoint of step {checkpoint.Step}");
                _attempts[^1] = _attempts[^1] with { Checkpoints = [.. _attempts[^1].Checkpoints, checkpoint] };
                break;
            case "message":
                _messages.Add((string)json["text"]!);
                break;
            case "check":
                _checks.Add(new RecordedCheck(
                    (string)json["name"]!, (string)json["question"]!, RunJson.ReadNumber(json, "value"), (string)json["expected"]!, (string)json["verdict"]!, (string)json["detail"]!));
                break;
            case "completed" or "paused" or "failed" or "cancelled" or "pruned":
                State = Enum.Parse<RunState>(kind, ignoreCase: true);
                (Failure, FailureClass) = ((string?)json["failure"], RunHistory.Class((string?)json["class"]));
                WaitingShare = (double?)json["waiting_share"];
                ReadScores(json["scores"]?.AsObject());
                ChangeEnvironment(e => e with { PeakMemoryBytes = (long)json["peak_memory_bytes"]! });
                break;
            default:
                // A later version of the program may tell more; what it says besides does not change what these events mean.
                break;
        }
    }

    private void ReadScores(JsonObject? scores)
    {
        _scores.Clear();
        foreach (var key in scores?.Select(s => s.Key) ?? [])
        {
            var name = key.EndsWith("_non_finite", StringComparison.Ordinal) ? key[..^"_non_finite".Length] : key;
            _scores[name] = RunJson.ReadNumber(scores!, name);
        }
    }

    private void ChangeEnvironment(Func<RunEnvironment, RunEnvironment> change) =>
        _attempts[^1] = _attempts[^1] with { Environment = change(_attempts[^1].Environment) };
}

/// <summary>How an attempt ended.</summary>
/// <param name="State">Completed, Paused, Failed, Cancelled or Pruned.</param>
/// <param name="Step">Optimizer steps taken.</param>
/// <param name="Scores">Final metrics by name; empty unless completed.</param>
/// <param name="Failure">What went wrong and what to do, where it failed.</param>
/// <param name="WaitingShare">Share of training time spent waiting for data, 0 to 1; null where it is not known.</param>
/// <param name="PeakMemoryBytes">Largest resident memory of the process.</param>
public sealed record RunEnding(
    RunState State, long Step, IReadOnlyDictionary<string, double> Scores, string? Failure, double? WaitingShare, long PeakMemoryBytes)
{
    /// <summary>Of what class the failure is; null where it did not fail, or that is not known.</summary>
    public FailureClass? Class { get; init; }
}
