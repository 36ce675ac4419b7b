namespace Repro.Experiments.Lstm;

/// <summary>How long and at what rate to train: section 4.1.</summary>
internal static class LstmSchedule
{
    /// <summary>Steps of a pass through the text; words after the last whole piece of every stream are left out.</summary>
    /// <param name="words">Of the training text.</param>
    public static long StepsPerEpoch(LstmOptions options, int words) => Math.Max(1, ((words / options.BatchSize) - 1) / options.Unroll);

    public static long Steps(LstmOptions options, long stepsPerEpoch) => options.Steps > 0 ? options.Steps : options.Members * options.Epochs * stepsPerEpoch;

    /// <summary>Which network learns at a step, from 0.</summary>
    public static int Member(LstmOptions options, long step, long stepsPerEpoch) => (int)Math.Min(options.Members - 1, step / stepsPerEpoch / options.Epochs);

    /// <summary>
    /// "After 6 epochs we decrease it by a factor of 1.2 after each epoch": the first epoch that a decrease follows is the one after <see cref="LstmOptions.DecayAfter"/>,
    /// as in the authors' code. Each member of an ensemble begins anew; beyond its epochs the last one goes on to decrease.
    /// </summary>
    /// <param name="step">0 for the first update.</param>
    public static double Rate(LstmOptions options, long step, long stepsPerEpoch)
    {
        var epoch = (step / stepsPerEpoch) - ((long)Member(options, step, stepsPerEpoch) * options.Epochs);
        return options.LearningRate / Math.Pow(options.Decay, Math.Max(0, epoch - options.DecayAfter));
    }
}
