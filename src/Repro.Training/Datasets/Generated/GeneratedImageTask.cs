using Repro.Studies;
using Repro.Studies.Randomness;

namespace Repro.Training.Datasets.Generated;

/// <summary>
/// A classification task whose lowest possible error is known: x = m_y + noise, with y uniform over the classes, means that are orthogonal and of
/// equal norm, and Gaussian noise of deviation 1 in every pixel (nothing is clipped or rounded to bytes, which would blur the known error).
/// </summary>
/// <remarks>
/// <para>The best classifier takes the class with the largest inner product of mean and image. With d the norm of a mean these products are,
/// in units of the noise, independent normals, that of the true class shifted by d; so the Bayes error is 1 - integral of phi(t - d) Phi(t)^(K-1) dt.</para>
/// <para>The means are gratings of +1 and -1 with periods 2 and 4: all orientations and frequencies that repeat on a 4 x 4 tile, ten in number, all
/// orthogonal. A network that ends in global average pooling cannot see where in the image a phase begins, so gratings of arbitrary period would
/// leave it with the energy of a frequency alone, which is worse than Bayes. A residual network for CIFAR-10 strides by 4 in all: on a tile of
/// 4 pixels each of its last positions sees the same phase, the inner product with a mean is the average of local linear features, and so the
/// Bayes classifier is within its reach. Crops and flips move the phase; train on this task without augmentation.</para>
/// </remarks>
public sealed class GeneratedImageTask
{
    /// <summary>Pixels after which every pattern repeats, in both directions.</summary>
    public const int Tile = 4;

    // Quarter cycles a pixel to the right and down; opposite signs of both are the same frequency. The last is the flat image.
    private static readonly (int Right, int Down)[] Frequencies = [(1, 0), (0, 1), (1, 1), (1, 3), (2, 0), (0, 2), (2, 1), (1, 2), (2, 2), (0, 0)];

    private readonly float[][] _means;

    /// <param name="classes">2 to 10.</param>
    /// <param name="shape">Height and width are multiples of 4; every channel shows the same pattern.</param>
    /// <param name="bayesError">The error of the best classifier, above 0 and below 1 - 1 / classes, where guessing stands.</param>
    /// <exception cref="BadInputException">A value is out of range.</exception>
    public GeneratedImageTask(int classes, ImageShape shape, double bayesError)
    {
        if (classes < 2 || classes > Frequencies.Length) throw new BadInputException($"The generated image task has 2 to {Frequencies.Length} classes; {classes} were asked for.");
        if (shape.Channels < 1 || shape.Height < Tile || shape.Width < Tile || shape.Height % Tile != 0 || shape.Width % Tile != 0)
            throw new BadInputException($"Images of the generated task must have a height and a width that are multiples of {Tile}; {shape} was asked for.");
        if (!(bayesError > 1e-9 && bayesError < 1 - 1.0 / classes))
            throw new BadInputException($"The Bayes error of {classes} classes must be above 0 and below {1 - 1.0 / classes:R}; {bayesError:R} was asked for.");
        (Shape, BayesError) = (shape, bayesError);
        Separation = OrthogonalMeans.SeparationFor(classes, bayesError);
        _means = Frequencies.Take(classes).Select(frequency => Mean(shape, frequency, Separation / Math.Sqrt(shape.Size))).ToArray();
        Classes = Frequencies.Take(classes).Select(Name).ToList();
    }

    public ImageShape Shape { get; }

    /// <summary>Gratings by their frequency, such as <c>1/4 right, 1/2 down</c> (cycles a pixel).</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The error, 0 to 1, below which no classifier can go.</summary>
    public double BayesError { get; }

    /// <summary>Norm of each mean, in deviations of the noise.</summary>
    public double Separation { get; }

    /// <summary>The mean image of a class.</summary>
    public ReadOnlySpan<float> Mean(int label) => _means[label];

    /// <summary>The best classifier there can be: the class whose mean has the largest inner product with the image.</summary>
    public int Classify(ReadOnlySpan<float> image)
    {
        var (best, label) = (double.NegativeInfinity, 0);
        for (var k = 0; k < _means.Length; k++)
        {
            var product = 0.0;
            for (var i = 0; i < image.Length; i++) product += (double)_means[k][i] * image[i];
            if (product > best) (best, label) = (product, k);
        }
        return label;
    }

    /// <summary>Draws an image and returns its class: a pure function of (seed, index).</summary>
    public int Draw(ulong seed, long index, Span<float> image)
    {
        var random = new Philox(seed, RandomPurpose.GeneratedData, index);
        var label = random.NextInt32(_means.Length);
        var mean = _means[label];
        for (var i = 0; i < image.Length; i++) image[i] = mean[i] + (float)random.NextNormal();
        return label;
    }

    private static float[] Mean(ImageShape shape, (int Right, int Down) frequency, double amplitude)
    {
        var mean = new float[shape.Size];
        for (var i = 0; i < mean.Length; i++)
        {
            var (x, y) = (i % shape.Width, i / shape.Width % shape.Height);
            // sqrt(2) cos(quarters * pi / 2 + pi / 4), which takes the values +1 and -1 alone.
            var quarters = (frequency.Right * x + frequency.Down * y) % 4;
            mean[i] = (float)(quarters is 0 or 3 ? amplitude : -amplitude);
        }
        return mean;
    }

    private static string Name((int Right, int Down) frequency)
    {
        static string Cycles(int quarters) => quarters switch { 1 => "1/4", 2 => "1/2", 3 => "-1/4", _ => "0" };
        return frequency == (0, 0) ? "flat" : $"{Cycles(frequency.Right)} right, {Cycles(frequency.Down)} down";
    }
}
