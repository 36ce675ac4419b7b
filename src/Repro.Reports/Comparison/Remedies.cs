using System.Globalization;
using System.Text.RegularExpressions;
using Repro.Results;
using Repro.Studies.Options;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Comparison;

/// <summary>What may be tried against a failure of a class, as commands that can be typed.</summary>
internal static partial class Remedies
{
    /// <param name="runs">What commands need to find the folder of runs: <c> --runs DIR</c>; empty for nothing.</param>
    public static IEnumerable<NextStep> For(FailureClass? failure, RunRecord run, string runs)
    {
        var message = run.Failure ?? "";
        if (Fetch().Match(message) is { Success: true } fetch) yield return new NextStep("to get the data that are missing", fetch.Value);
        switch (failure)
        {
            case FailureClass.NotFinite:
                if (Less(run, "learning_rate", 0.3) is { } lower) yield return new NextStep("to try a lower rate, on the same seed", lower);
                yield return new NextStep("to learn which operator made the first NaN (several times slower)", $"{run.Command} --detect-anomaly");
                yield return new NextStep("to ask whether the recipe is sound at these options", $"./repro check {run.Experiment} --profile {run.Profile}");
                break;
            case FailureClass.OutOfMemory:
                if (Less(run, "batch_size", 0.5) is { } smaller) yield return new NextStep("to need less memory: half the batch, which is another configuration", smaller);
                break;
            case FailureClass.Machine when message.Contains("space", StringComparison.OrdinalIgnoreCase) || message.Contains("quota", StringComparison.OrdinalIgnoreCase):
                yield return new NextStep("to see what old checkpoints cost, and free it", $"./repro clean{runs}");
                break;
            case FailureClass.Machine:
                yield return new NextStep("to see what this machine lacks", "./repro doctor");
                break;
            case FailureClass.Bug:
                yield return new NextStep("to see the error with its place in the code", $"REPRO_DEBUG=1 {run.Command}");
                break;
        }
    }

    /// <summary>The run's command with less of a number; null where it has no such option.</summary>
    private static string? Less(RunRecord run, string option, double factor)
    {
        if (run.Options.FirstOrDefault(known => known.Key == option).Value is not { } text || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || value <= 0) return null;
        var whole = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count);
        if (whole && count < 2) return null;
        var less = whole ? OptionText.Write((long)(count * factor)) : (value * factor).ToString("G3", CultureInfo.InvariantCulture);
        // An option is set once in a command.
        var others = Regex.Replace(run.Command, $@" --set (?:{option}=\S+|'{option}=[^']*')", "");
        return $"{others} --set {option}={less}";
    }

    [GeneratedRegex(@"\./repro data fetch [\w-]+")]
    private static partial Regex Fetch();
}
