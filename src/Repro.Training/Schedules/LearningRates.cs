namespace Repro.Training.Schedules;

/// <summary>Learning rates as pure functions of the step, for <see cref="TrainingTask.LearningRate"/>. Step 0 is the first update.</summary>
public static class LearningRates
{
    /// <summary>
    /// Rises linearly from <paramref name="startFraction"/> of the peak at step 0 to the peak at step <paramref name="warmup"/>, then falls linearly to
    /// <paramref name="endFraction"/> of it at step <paramref name="steps"/>, which is one beyond the last update. With a warm-up of 0 it only falls.
    /// </summary>
    /// <remarks>The one-cycle and airbench schedules, and the usual warm-up with linear decay.</remarks>
    public static double WarmUpThenLinear(long step, long steps, long warmup, double peak, double startFraction = 0, double endFraction = 0)
    {
        Check(step, steps, warmup);
        return step < warmup
            ? peak * Between(startFraction, 1, (double)step / warmup)
            : peak * Between(1, endFraction, (double)(step - warmup) / (steps - warmup));
    }

    private static double Between(double from, double to, double share) => from + (to - from) * share;

    private static void Check(long step, long steps, long warmup)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfNegative(warmup);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(warmup, steps);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(step, steps);
    }
}
