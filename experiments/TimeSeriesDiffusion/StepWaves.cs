using static TorchSharp.torch;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>What several released codes tell their network of a diffusion's step before anything is learned of it.</summary>
internal static class StepWaves
{
    /// <summary>Sines, then cosines, of t times the frequencies 10^(4 i / parts), i from 0 to half - 1: [T, 2 half].</summary>
    /// <param name="parts">half - 1: the frequencies go from 1 to 10,000. The released codes differ in it.</param>
    public static Tensor Table(int steps, int half, int parts)
    {
        double Angle(int t, int i) => t * Math.Pow(10, 4.0 * i / Math.Max(1, parts));
        double Wave(int t, int i) => i < half ? Math.Sin(Angle(t, i)) : Math.Cos(Angle(t, i - half));
        return tensor([.. from t in Enumerable.Range(0, steps) from i in Enumerable.Range(0, 2 * half) select (float)Wave(t, i)], [steps, 2 * half]);
    }
}
