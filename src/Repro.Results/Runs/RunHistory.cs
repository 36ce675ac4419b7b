using System.Text.Json.Nodes;
using Repro.Studies;
using Repro.Studies.Sweeps;

namespace Repro.Results.Runs;

/// <summary>One line of a run's <c>events.jsonl</c>.</summary>
/// <param name="Event">started, data, check, checkpoint, message, or how the attempt ended: completed, paused, failed, cancelled, pruned; a later version of the program may write others.</param>
public sealed record RunHappening(DateTimeOffset At, int Attempt, string Event)
{
    /// <summary>Of a checkpoint its step, of an ending the steps taken; of a start the checkpoint's that it goes on from, null where it began anew.</summary>
    public long? Step { get; init; }

    /// <summary>A message's text, a check's verdict, why an attempt failed, or the data sets with their sizes; empty where there is none.</summary>
    public string Text { get; init; } = "";

    /// <summary>Of a start: where, as <c>process 1234 on host</c>; empty elsewhere.</summary>
    public string Where { get; init; } = "";
}

/// <summary>What happened to a run, line by line and with times: what <see cref="RunFolderReader"/> folds into a record.</summary>
public static class RunHistory
{
    /// <summary>In order; lines of an attempt that another had followed are a late writer's, and left out.</summary>
    /// <exception cref="BadInputException">A line is corrupt, or is no event.</exception>
    public static IReadOnlyList<RunHappening> Read(string folder)
    {
        var (happenings, newest, number) = (new List<RunHappening>(), 0, 0);
        foreach (var json in JsonLinesFile.Read(RunLog.FileOf(folder)))
        {
            number++;
            try
            {
                var happening = Read(json);
                if (happening.Attempt < newest) continue;
                newest = happening.Attempt;
                happenings.Add(happening);
            }
            catch (Exception e) when (RunJson.IsMalformed(e))
            {
                throw new BadInputException($"Line {number} of {RunLog.FileOf(folder)} is no event of a run ({RunJson.What(e)}): the file is corrupt. Restore it from a copy, or delete the run's folder.", e);
            }
        }
        return happenings;
    }

    /// <summary>The class as the log has it: <c>out_of_memory</c>.</summary>
    internal static string Word(FailureClass failure) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(failure.ToString());

    /// <summary>Null for a word that this version does not know, and for none.</summary>
    internal static FailureClass? Class(string? word) => word is null ? null : Enum.GetValues<FailureClass>().Where(failure => Word(failure) == word).Select(failure => (FailureClass?)failure).FirstOrDefault();

    private static RunHappening Read(JsonObject json)
    {
        var kind = (string)json["event"]!;
        var happening = new RunHappening(RunJson.ReadTime(json["time"]!), (int)json["attempt"]!, kind);
        return kind switch
        {
            "started" => happening with { Step = (long?)json["resumed_from"], Where = json["process"] is { } process ? $"process {process}{(json["host"] is { } host ? $" on {host}" : "")}" : "" },
            "data" => happening with { Text = string.Join(", ", json["data_sets"]!.AsArray().Select(set => $"{set!["name"]} ({set["examples"]} examples)")) },
            "checkpoint" => happening with { Step = (long)json["step"]! },
            "message" => happening with { Text = (string)json["text"]! },
            "check" => happening with { Text = (string)json["verdict"]! },
            _ => happening with { Step = (long?)json["step"], Text = (string?)json["failure"] ?? "" },
        };
    }
}
