using System.Globalization;
using Repro.Results;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Runs;
using Repro.Training;
using Repro.Training.Datasets;

namespace Repro.Cli.Running;

/// <summary>Holds a completed run's score against the predictions and the data that it stands on.</summary>
internal static class StoredEvidence
{
    /// <summary>What is missing or contradicts itself, as sentences for the report's first screen.</summary>
    public static IEnumerable<string> Warnings(RunRecord run)
    {
        if (run.TestIsSealed)
        {
            yield return "The run is of a confirmation: beside what its option evaluate says, test is evaluated once, at its end, where its data have it. This report shows nothing of that. "
                + $"Once every run of the confirmation has ended, whoever asks is shown it, which is counted: ./repro report {run.Id} --test";
        }
        if (run.State != RunState.Completed) yield break;
        foreach (var set in run.Attempts.SelectMany(attempt => attempt.Environment.DataSets).Distinct())
        {
            if (DatasetRegistry.Entries.FirstOrDefault(entry => entry.Name == set.Name) is { } entry && entry.Identity != set.Identity)
                yield return $"The data were not the official {set.Name}: the records that the run read have the identity {set.Identity[..12]}, the official ones {entry.Identity[..12]}. ./repro data verify {set.Name} names the files.";
        }
        if (run.Scores.TryGetValue($"{Splits.Test}_error", out var score) && Contradiction(run, score) is { } contradiction) yield return contradiction;
    }

    private static string? Contradiction(RunRecord run, double score)
    {
        try
        {
            var predictions = StoredPredictions.Read(run.PredictionFolder, Splits.Test);
            var (lowest, highest) = predictions.Error();
            // The score is a mean in single precision: less than half an example away is the same count.
            var slack = 50.0 / predictions.Labels.Length;
            return score >= lowest - slack && score <= highest + slack ? null
                : $"The stored predictions do not give the recorded score: {Percent(lowest)} of them are wrong, and the run's log says {Percent(score)}. One of the two files was changed.";
        }
        catch (BadInputException e)
        {
            return $"The score cannot be checked against the run's predictions: {e.Message}";
        }
    }

    private static string Percent(double value) => $"{value.ToString("0.##", CultureInfo.InvariantCulture)} %";
}
