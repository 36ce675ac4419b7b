namespace Repro.Experiments.Transformer;

/// <summary>Section 5.3's learning rate: lrate = d_model^-0.5 min(step^-0.5, step warmup^-1.5), Eq. (3), which is peak x min(step / warmup, sqrt(warmup / step)).</summary>
internal static class TransformerSchedule
{
    /// <param name="step">0 for the first update, which is step 1 of Eq. (3).</param>
    public static double Rate(TransformerOptions options, long step)
    {
        double number = step + 1, warmup = options.Warmup;
        return options.Peak * Math.Min(number / warmup, Math.Sqrt(warmup / number));
    }
}
