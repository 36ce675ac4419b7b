using Repro.Studies.Randomness;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Tests.Samplers;

/// <summary>Standard functions to minimize, with known minima.</summary>
internal static class ObjectiveFunctions
{
    private static readonly double[][] Scales = [[10, 3, 17, 3.5, 1.7, 8], [.05, 10, 17, .1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, .05, 10, .1, 14]];
    private static readonly double[][] Centers =
    [
        [.1312, .1696, .5569, .0124, .8283, .5886], [.2329, .4135, .8307, .3736, .1004, .9991],
        [.2348, .1451, .3522, .2883, .3047, .6650], [.4047, .8828, .8732, .5743, .1091, .0381],
    ];

    private static readonly double[] Weights = [1, 1.2, 3, 3.2];

    public static SearchSpace BraninSpace { get; } = new([new FloatRange("x", -5, 10), new FloatRange("y", 0, 15)]);

    public static SearchSpace HartmannSpace { get; } = new([.. Enumerable.Range(0, 6).Select(i => new FloatRange($"x{i}", 0, 1))]);

    /// <summary>Learning curves: two numbers on a logarithmic scale, a width and an optimizer, of which one has a momentum.</summary>
    public static SearchSpace CurveSpace { get; } = new(
    [
        new FloatRange("learning_rate", 1e-5, 1, Logarithmic: true), new FloatRange("weight_decay", 1e-6, 1e-1, Logarithmic: true),
        new IntRange("width", 8, 256, Logarithmic: true), new Categorical("optimizer", ["sgd", "adam", "lion"]),
        new FloatRange("momentum", 0.5, 0.99) { Condition = new ActiveWhen("optimizer", ["sgd"]) },
    ]);

    /// <summary>Branin, Hoo 1972; smallest value 0.397887 at three points.</summary>
    public static double Branin(Configuration c)
    {
        var (x, y) = (c.Number("x"), c.Number("y"));
        var bend = y - (5.1 / (4 * Math.PI * Math.PI) * x * x) + (5 / Math.PI * x) - 6;
        return (bend * bend) + (10 * (1 - (1 / (8 * Math.PI))) * Math.Cos(x)) + 10;
    }

    /// <summary>Hartmann's function in 6 dimensions (Dixon, Szego 1978); smallest value -3.32237.</summary>
    public static double Hartmann6(Configuration c)
    {
        var sum = 0.0;
        for (var i = 0; i < 4; i++)
        {
            var distance = 0.0;
            for (var j = 0; j < 6; j++) distance += Scales[i][j] * Math.Pow(c.Number($"x{j}") - Centers[i][j], 2);
            sum -= Weights[i] * Math.Exp(-distance);
        }
        return sum;
    }

    /// <summary>The error after a number of epochs, with noise of 0.01; curves cross, and a learning rate that is too high diverges.</summary>
    public static double CurveError(Configuration c, int epoch, int trial)
    {
        var rate = Math.Log10(c.Number("learning_rate"));
        if (rate > -0.3 && c["optimizer"] != "sgd") return double.NaN;
        var floor = FinalError(c);
        // High rates learn fast at first.
        var speed = 0.15 + (0.15 * (rate + 5) / 5);
        var noise = new Philox(77, RandomPurpose.GeneratedData, ((long)trial << 16) + epoch).NextNormal();
        return floor + ((0.9 - floor) * Math.Exp(-speed * epoch)) + (0.01 * noise);
    }

    /// <summary>What the curve tends to.</summary>
    public static double FinalError(Configuration c)
    {
        var rate = Math.Log10(c.Number("learning_rate"));
        var best = c["optimizer"] switch { "sgd" => -1.0, "adam" => -3.0, _ => -4.0 };
        var floor = 0.05 + (0.04 * Math.Pow(rate - best, 2)) + (0.01 * Math.Pow(Math.Log10(c.Number("weight_decay")) + 3.5, 2)) + (0.3 / Math.Sqrt(c.Number("width")));
        if (c.TryGet("momentum", out _)) floor += 0.5 * Math.Pow(c.Number("momentum") - 0.9, 2);
        return floor;
    }
}
