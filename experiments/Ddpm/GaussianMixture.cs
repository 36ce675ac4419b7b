using Repro.Studies.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Ddpm;

/// <summary>One bump of a <see cref="GaussianMixture"/>: normal around (X, Y) with the same deviation in every direction.</summary>
/// <param name="Weight">Its share of the points, above 0.</param>
/// <param name="Deviation">Above 0.</param>
public readonly record struct MixtureComponent(double Weight, double X, double Y, double Deviation);

/// <summary>
/// Points in the plane from a mixture of normals: data whose density is known, and stays known at every step of the forward process, where each bump only shrinks and widens. So
/// what a network learned can be held against the truth: the noise it should predict, the least loss there is, and the entropy that no bound goes below.
/// </summary>
public sealed class GaussianMixture
{
    // Deviations of the narrowest bump from one point of a quadrature to the next, and of the widest beyond the outermost means.
    private const double Spacing = 0.4, Margin = 8;

    private readonly MixtureComponent[] _components;
    private readonly double[] _heights;             // the log of each component's own density at its middle

    /// <param name="components">At least one; their weights add up to 1.</param>
    /// <exception cref="ArgumentException">They are none, or out of their ranges.</exception>
    public GaussianMixture(params IReadOnlyList<MixtureComponent> components)
    {
        if (components.Count == 0 || Math.Abs(components.Sum(one => one.Weight) - 1) > 1e-9 || components.Any(one => !(one.Weight > 0 && one.Deviation > 0)))
            throw new ArgumentException(
                $"A mixture has components with weights above 0 that add up to 1, and deviations above 0; these are {string.Join(", ", components)}.",
                nameof(components));
        _components = [.. components];
        _heights = [.. components.Select(one => Math.Log(one.Weight / (2 * Math.PI * one.Deviation * one.Deviation)))];
    }

    /// <summary>What experiments learn: four bumps of different weight and width, within -1 to 1 for nearly all points, without a symmetry that would hide a mistake.</summary>
    public static GaussianMixture FourBumps { get; } = new(new(0.4, 0.6, 0.5, 0.15), new(0.3, -0.6, 0.55, 0.1), new(0.2, -0.35, -0.6, 0.2), new(0.1, 0.5, -0.45, 0.12));

    public IReadOnlyList<MixtureComponent> Components => _components;

    /// <summary>The mean of |x|^2.</summary>
    public double MeanSquare => _components.Sum(one => one.Weight * ((one.X * one.X) + (one.Y * one.Y) + (2 * one.Deviation * one.Deviation)));

    /// <summary>What the forward process makes of it where <paramref name="alphaBar"/> of the data's square is left, 0 to 1: Eq. (4) of Ho et al. 2020.</summary>
    public GaussianMixture Diffused(double alphaBar) => new([.. _components.Select(one => one with
    {
        X = Math.Sqrt(alphaBar) * one.X,
        Y = Math.Sqrt(alphaBar) * one.Y,
        Deviation = Math.Sqrt((alphaBar * one.Deviation * one.Deviation) + 1 - alphaBar),
    })]);

    /// <summary>log p(x, y), in nats.</summary>
    public double LogDensity(double x, double y)
    {
        var (largest, sum) = (double.NegativeInfinity, 0.0);
        for (var k = 0; k < _components.Length; k++) largest = Math.Max(largest, LogOf(k, x, y));
        for (var k = 0; k < _components.Length; k++) sum += Math.Exp(LogOf(k, x, y) - largest);
        return largest + Math.Log(sum);
    }

    /// <summary>The gradient of <see cref="LogDensity"/>.</summary>
    public (double X, double Y) Score(double x, double y) => Score(x, y, LogDensity(x, y));

    /// <summary>
    /// What a perfect network says of noisy points: the mean of the noise in them, E[epsilon | x_t] = -sqrt(1 - alpha-bar) times the score of <see cref="Diffused"/>. In the
    /// points' type and on their device.
    /// </summary>
    /// <param name="x">x_t: [N, 2], or [N, 2, 1, 1] as images have it; so is the result.</param>
    /// <param name="alphaBar">Of each point's step: [N, 1], or [1, 1] for the same one throughout; below 1.</param>
    public Tensor Noise(Tensor x, Tensor alphaBar)
    {
        using var scope = NewDisposeScope();
        Tensor Row(Func<MixtureComponent, double> value) => tensor(_components.Select(value).ToArray(), [1, _components.Length]).to(x.dtype).to(x.device);
        var (points, kept) = (x.reshape(x.shape[0], 1, 2), alphaBar.to(x.dtype));                                                        // [N, 1, 2], [N, 1]
        var means = stack([Row(one => one.X), Row(one => one.Y)], dim: 2) * kept.sqrt().unsqueeze(2);                       // [N, K, 2]
        var variances = (kept * Row(one => one.Deviation * one.Deviation)) + 1 - kept;                                      // [N, K]
        var away = points - means;                                                                                          // [N, K, 2]
        var logs = Row(one => Math.Log(one.Weight)) - variances.log() - (away.square().sum([2L]) / (variances * 2));        // [N, K]
        var pull = (logs.softmax(1) / variances).unsqueeze(2) * away;                                                       // [N, K, 2]
        return (pull.sum([1L]) * (1 - kept).sqrt()).reshape(x.shape).MoveToOuterDisposeScope();                             // [N, 2]
    }

    /// <summary>Differential entropy, in nats, to 1e-6: what the negative log-likelihood of a point is on average, and no model's bound on it goes below.</summary>
    public double Entropy() => -Integrate((x, y, logDensity) => logDensity);

    /// <summary>
    /// The least mean squared error, a number of a point, with which noise can be predicted where <paramref name="alphaBar"/> is left: 1 - (1 - alpha-bar) E|score|^2 / 2. It is
    /// the loss of <see cref="Noise"/>.
    /// </summary>
    public double LeastNoiseError(double alphaBar)
    {
        var noisy = Diffused(alphaBar);
        var information = noisy.Integrate((x, y, logDensity) =>
        {
            var (toX, toY) = noisy.Score(x, y, logDensity);
            return (toX * toX) + (toY * toY);
        });
        return 1 - ((1 - alphaBar) * information / 2);
    }

    /// <summary>Writes a point that is a pure function of (seed, index).</summary>
    public void Draw(ulong seed, long index, Span<float> point)
    {
        var numbers = new Philox(seed, RandomPurpose.GeneratedData, index);
        var (place, chosen) = (numbers.NextDouble(), 0);
        for (; chosen < _components.Length - 1 && place >= _components[chosen].Weight; chosen++) place -= _components[chosen].Weight;
        var one = _components[chosen];
        point[0] = (float)(one.X + (one.Deviation * numbers.NextNormal()));
        point[1] = (float)(one.Y + (one.Deviation * numbers.NextNormal()));
    }

    /// <summary>The mean of a function of the place and the log density there: sums over a grid, which for functions that fade like normals are exact to next to nothing.</summary>
    private double Integrate(Func<double, double, double, double> function)
    {
        const double Nothing = -60;
        var (step, margin) = (Spacing * _components.Min(one => one.Deviation), Margin * _components.Max(one => one.Deviation));
        var (left, below) = (_components.Min(one => one.X) - margin, _components.Min(one => one.Y) - margin);
        var columns = (int)Math.Ceiling((_components.Max(one => one.X) + margin - left) / step);
        var rows = (int)Math.Ceiling((_components.Max(one => one.Y) + margin - below) / step);
        var sum = 0.0;
        for (var row = 0; row <= rows; row++)
        {
            for (var column = 0; column <= columns; column++)
            {
                var (x, y) = (left + (column * step), below + (row * step));
                var logDensity = LogDensity(x, y);
                if (logDensity > Nothing) sum += Math.Exp(logDensity) * function(x, y, logDensity);
            }
        }
        return sum * step * step;
    }

    private (double X, double Y) Score(double x, double y, double logDensity)
    {
        var (sumX, sumY) = (0.0, 0.0);
        for (var k = 0; k < _components.Length; k++)
        {
            var one = _components[k];
            var share = Math.Exp(LogOf(k, x, y) - logDensity) / (one.Deviation * one.Deviation);
            sumX += share * (one.X - x);
            sumY += share * (one.Y - y);
        }
        return (sumX, sumY);
    }

    private double LogOf(int component, double x, double y)
    {
        var one = _components[component];
        var square = ((x - one.X) * (x - one.X)) + ((y - one.Y) * (y - one.Y));
        return _heights[component] - (square / (2 * one.Deviation * one.Deviation));
    }
}
