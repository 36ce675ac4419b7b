namespace Repro.Benchmarks.Engine;

/// <summary>What a step must at least do, whoever does it.</summary>
/// <param name="Flops">Floating-point operations of matrix products and convolutions; the rest is small beside them.</param>
/// <param name="Bytes">To and from memory; what passes between layers may stay in caches and does not count.</param>
/// <param name="Cached">The bytes lie in the cache from the step before: it is the cache that holds the step up, not memory.</param>
internal readonly record struct Work(double Flops, double Bytes, bool Cached = false)
{
    /// <summary>
    /// A training step in float32. Each multiplication with its addition is two operations, done three times: for the output, the weight's gradient
    /// and the input's gradient. A parameter is read and written, and so is its gradient and what the optimizer keeps of it.
    /// </summary>
    /// <param name="multiplications">Of the forward pass.</param>
    /// <param name="state">Numbers that the optimizer keeps of each parameter.</param>
    /// <param name="first">Those of <paramref name="multiplications"/> in a first layer, whose input needs no gradient.</param>
    public static Work Training(double multiplications, double parameters, int state = 0, double first = 0) =>
        new(6 * multiplications - 2 * first, sizeof(float) * parameters * (4 + 2 * state));

    /// <summary>A forward pass in float32 of a model small enough for the cache: each multiplication with its addition once, each parameter read once.</summary>
    public static Work Generation(double multiplications, double parameters) => new(2 * multiplications, sizeof(float) * parameters, Cached: true);

    /// <summary>Seconds that a machine takes at its best: one of the two is what holds it up.</summary>
    public double Seconds(double flopsPerSecond, double bytesPerSecond) => Math.Max(Flops / flopsPerSecond, Bytes / bytesPerSecond);
}
