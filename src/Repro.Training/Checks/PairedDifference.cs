namespace Repro.Training.Checks;

/// <summary>
/// By how much one training ends lower than another that saw the same batches: the mean of the differences between their losses, step by step
/// over the last quarter of the steps. Pairing takes out what a batch being easy or hard adds to both.
/// </summary>
/// <param name="Mean">In the loss's unit, above zero where the better one is lower; NaN where a training diverged.</param>
/// <param name="Required">What it must exceed to count: two standard errors of the mean, and at least 1 % of the higher loss.</param>
internal readonly record struct PairedDifference(double Mean, double Required)
{
    public bool IsClear => Mean > Required;

    public string Expected => double.IsNaN(Required) ? "> 0" : $"> {Required:0.####}";

    public static PairedDifference Between(ShortTraining higher, ShortTraining lower)
    {
        if (higher.Diverged || lower.Diverged) return new PairedDifference(double.NaN, double.NaN);
        var differences = ShortTraining.LastQuarter(higher.Losses).Zip(ShortTraining.LastQuarter(lower.Losses), (a, b) => a - b).ToArray();
        var mean = differences.Average();
        var variance = differences.Sum(d => (d - mean) * (d - mean)) / Math.Max(1, differences.Length - 1);
        return new PairedDifference(mean, Math.Max(2 * Math.Sqrt(variance / differences.Length), 0.01 * Math.Abs(higher.FinalLoss)));
    }
}
