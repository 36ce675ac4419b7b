using Repro.Training;

namespace Repro.Experiments.ResNet;

/// <summary>The learning rate of section 4.2: 0.1, divided by 10 at 32k and 48k of 64k iterations, warmed up for ResNet-110.</summary>
internal static class ResNetSchedule
{
    /// <summary>Training error in percent below which the warm-up ends; "about 400 iterations" for ResNet-110.</summary>
    public const double WarmError = 80;

    /// <summary>The first depth that the paper warms up.</summary>
    public const int DeepLayers = 110;

    /// <param name="step">0 for the first update.</param>
    /// <param name="history">Says when the training error fell below <see cref="WarmError"/>; it is logged as an average over some steps.</param>
    public static double Rate(ResNetOptions options, long step, MetricHistory history)
    {
        var drops = (step >= Drop(options.FirstDrop, options) ? 1 : 0) + (step >= Drop(options.SecondDrop, options) ? 1 : 0);
        var rate = drops switch { 0 => options.LearningRate, 1 => options.LearningRate / 10, _ => options.LearningRate / 100 };
        var warmsUp = options.WarmUp == "always" || (options.WarmUp == "deep" && options.Depth >= DeepLayers);
        var cold = warmsUp && history.FirstBelow("train_error", WarmError) is null;
        // "Then go back to 0.1 and continue training. The rest of the learning schedule is as done previously": the drops stay where they are.
        return cold ? Math.Min(rate, options.LearningRate / 10) : rate;
    }

    /// <summary>The first step with the lower rate.</summary>
    private static long Drop(double share, ResNetOptions options) => (long)Math.Round(share * options.Steps);
}
