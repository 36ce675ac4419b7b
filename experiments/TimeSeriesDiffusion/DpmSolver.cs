using Repro.Experiments.Ddpm;
using static TorchSharp.torch;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// DPM-Solver++ of second order with two steps' memory (Lu et al. 2022, "DPM-Solver++: Fast solver for guided sampling of diffusion probabilistic models", Algorithm 2), for a network that predicts x_0
/// at T steps: the differential equation that leads from noise to data without further noise, in few steps that are equally far apart in time.
/// </summary>
/// <remarks>Between two of the T steps log alpha is linear. It ends at the first of them, where the little noise that step has is left.</remarks>
internal sealed class DpmSolver
{
    private readonly Update[] _updates;

    /// <param name="schedule">Of the T steps.</param>
    /// <param name="steps">Evaluations of the network; at least 1.</param>
    public DpmSolver(NoiseSchedule schedule, int steps)
    {
        Points = [.. Enumerable.Range(0, steps + 1).Select(i => At(schedule, (schedule.Timesteps - 1) * (steps - i), steps))];
        _updates = new Update[steps];
        for (var i = 0; i < steps; i++)
        {
            var (from, to) = (Points[i], Points[i + 1]);
            var width = to.Lambda - from.Lambda;
            // Algorithm 2, line 7: D = (1 + 1 / (2 r)) x_0 - 1 / (2 r) x_0 of the step before, r the width before over this one; the first step has none before it.
            var memory = i == 0 ? 0 : width / (2 * (from.Lambda - Points[i - 1].Lambda));
            var gain = -to.Alpha * double.ExpM1(-width);
            _updates[i] = new(to.Sigma / from.Sigma, gain * (1 + memory), -gain * memory);
        }
    }

    /// <summary>The times where the network is asked, and the last one, where it is not.</summary>
    public IReadOnlyList<DpmPoint> Points { get; }

    /// <summary>From noise to data.</summary>
    /// <param name="noise">Standard normal, x_T. Not changed.</param>
    /// <param name="start">The x_0 that the network sees in x at a time.</param>
    public Tensor Solve(Tensor noise, Func<Tensor, DpmPoint, Tensor> start)
    {
        var x = noise.alias();
        Tensor? earlier = null;
        for (var i = 0; i < _updates.Length; i++)
        {
            var (keep, now, last) = _updates[i];
            using var before = x;
            var data = start(before, Points[i]);
            x = (before * keep).add_(data, now);
            if (earlier is not null) x.add_(earlier, last);
            earlier?.Dispose();
            earlier = data;
        }
        earlier?.Dispose();
        return x;
    }

    /// <param name="numerator">Of the place among the steps, over <paramref name="parts"/>, so that a whole step is exactly one.</param>
    private static DpmPoint At(NoiseSchedule schedule, int numerator, int parts)
    {
        var (step, share) = (numerator / parts, numerator % parts / (double)parts);
        var log = Math.Log(schedule.AlphaBar(step)) / 2;
        if (share > 0) log += share * ((Math.Log(schedule.AlphaBar(step + 1)) / 2) - log);
        return new(step, Math.Exp(log), Math.Sqrt(-double.ExpM1(2 * log)));
    }

    /// <summary>x becomes Keep x + Now x_0 + Before (x_0 of the step before).</summary>
    private readonly record struct Update(double Keep, double Now, double Before);
}

/// <summary>A time of the diffusion.</summary>
/// <param name="Step">The last of the network's steps that is not later: what the network is told, as its released embedding of whole steps takes it.</param>
/// <param name="Alpha">Of the signal: x_t is Alpha x_0 + Sigma noise.</param>
/// <param name="Sigma">Of the noise.</param>
internal readonly record struct DpmPoint(int Step, double Alpha, double Sigma)
{
    /// <summary>Half the logarithm of the ratio of signal to noise.</summary>
    public double Lambda => Math.Log(Alpha / Sigma);
}
