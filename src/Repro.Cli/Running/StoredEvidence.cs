using System.Globalization;
using Repro.Cli.Verbs;
using Repro.Results;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Runs;
using Repro.Training;
using Repro.Training.Datasets;

namespace Repro.Cli.Running;

/// <summary>Holds a completed run's scores against the predictions, the translations and the data that they stand on.</summary>
internal static class StoredEvidence
{
    /// <summary>What is missing or contradicts itself, as sentences for the report's first screen.</summary>
    /// <param name="samples">Of the run.</param>
    /// <param name="context">Finds the references that translations were scored against.</param>
    /// <param name="notHere">Told what cannot be held against anything on this machine: a report says the same wherever it is made.</param>
    public static IEnumerable<string> Warnings(RunRecord run, IReadOnlyList<SampleSet> samples, ChosenExperiment chosen, RunContext context, Action<string> notHere)
    {
        if (run.TestIsSealed)
        {
            yield return "The run is of a confirmation: beside what its option evaluate says, test is evaluated once, at its end, where its data have it. This report shows nothing of that. "
                + $"Once every run of the confirmation has ended, whoever asks is shown it, which is counted: ./repro report {run.Id} --test";
        }
        if (run.State != RunState.Completed) yield break;
        foreach (var set in run.Attempts.SelectMany(attempt => attempt.Environment.DataSets).Distinct())
        {
            if (DatasetRegistry.Entries.FirstOrDefault(entry => entry.Name == set.Name) is { Identity: { } official } entry && !entry.Is(set.Identity))
                yield return $"The data were not the official {set.Name}: the records that the run read have the identity {set.Identity[..12]}, the official ones {official[..12]}. ./repro data verify {set.Name} names the files.";
        }
        if (run.Scores.TryGetValue($"{Splits.Test}_error", out var score) && Contradiction(run, score) is { } contradiction) yield return contradiction;
        foreach (var split in new[] { Splits.Validation, Splits.Test })
        {
            var scores = chosen.Experiment.ScoresOfTranslations.Select(name => $"{split}_{name}").Where(run.Scores.ContainsKey).ToList();
            if (scores.Count == 0) continue;
            if (samples.FirstOrDefault(set => set.Split == split)?.Translations is not { } translations)
                yield return $"{string.Join(", ", scores)} cannot be computed again: {EvidenceFile.Samples(split)} does not have all of the run's translations. " +
                    "Runs of before these were kept have none but those that reports show.";
            else
                foreach (var sentence in OfTranslations(run, split, scores, translations, chosen, context, notHere)) yield return sentence;
        }
    }

    private static IReadOnlyList<string> OfTranslations(RunRecord run, string split, List<string> scores, Translations translations, ChosenExperiment chosen, RunContext context, Action<string> notHere)
    {
        try
        {
            // Counts of n-grams are whole numbers, and the score is a few operations on them: what differs by more than rounding is another score.
            return [.. from score in chosen.Experiment.Score(chosen.Options, context, split, translations)
                let recorded = run.Scores.GetValueOrDefault($"{split}_{score.Key}", double.NaN)
                where !(Math.Abs(score.Value - recorded) <= 1e-9)
                select $"The stored translations do not give the recorded {split}_{score.Key}: they have {Exact(score.Value)}, and the run's log says {Exact(recorded)}. " +
                    "One of the two files was changed."];
        }
        catch (MissingComponentException e)
        {
            notHere($"{string.Join(", ", scores)} {(scores.Count == 1 ? "was" : "were")} not computed again from the run's translations: {e.Message}");
            return [];
        }
        catch (BadInputException e)
        {
            return [$"{string.Join(", ", scores)} cannot be computed again from the run's translations: {e.Message}"];
        }
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

    private static string Exact(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);

    private static string Percent(double value) => $"{value.ToString("0.##", CultureInfo.InvariantCulture)} %";
}
