namespace Repro.Experiments.Lstm;

/// <summary>How long and at what rate to train: section 4.1.</summary>
internal static class LstmSchedule
{
    /// <summary>Steps of a pass through the text; words after the last whole piece of every stream are left out.</summary>
    /// <param name="words">Of the training text.</param>
    public static long StepsPerEpoch(LstmOptions options, int words) => Math.Max(1, ((words / options.BatchSize) - 1) / options.Unroll);

    public static long Steps(LstmOptions options, long stepsPerEpoch) => options.Steps > 0 ? options.Steps : options.Members * options.Epochs * stepsPerEpoch;

    /// <summary>What is wrong with the steps of an ensemble; null where nothing is. Networks that never begin would be recorded, and not be among those whose probabilities are averaged.</summary>
    /// <param name="words">Of the training text.</param>
    public static string? Complaint(LstmOptions options, int words)
    {
        var each = options.Epochs * StepsPerEpoch(options, words);
        var before = (options.Members - 1) * each;
        return options.Steps == 0 || options.Steps > before ? null
            : $"Each of members={options.Members} networks trains for epochs={options.Epochs}, here {each:N0} steps, and steps={options.Steps} end before the last one begins, after step {before}. "
                + $"Leave steps out, or set it above {before}, or lower epochs, or members to {(options.Steps + each - 1) / each}.";
    }

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
