namespace Repro.Experiments.Transformer;

/// <summary>nanoGPT's learning rate (get_lr in train.py): a linear rise, then half a cosine.</summary>
internal static class GptSchedule
{
    /// <param name="step">0 for the first update.</param>
    public static double Rate(GptOptions options, long step)
    {
        if (step < options.Warmup) return options.LearningRate * (step + 1) / (options.Warmup + 1);
        var last = options.LearningRate * options.FinalRate;
        var share = (double)(step - options.Warmup) / (options.Steps - options.Warmup);
        return last + ((options.LearningRate - last) * 0.5 * (1 + Math.Cos(Math.PI * share)));
    }
}
