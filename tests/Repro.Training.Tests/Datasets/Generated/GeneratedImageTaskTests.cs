using Repro.Studies;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Generated;

namespace Repro.Training.Tests.Datasets.Generated;

public sealed class GeneratedImageTaskTests
{
    private static readonly ImageShape Shape = new(3, 8, 8);

    [Fact]
    public void With_two_classes_the_separation_is_the_one_of_the_closed_form()
    {
        // Two means at distance d sqrt(2): error Phi(-d / sqrt(2)), and Phi(-1) = 0.158655253931457, Phi(-2) = 0.0227501319481792 (Abramowitz and Stegun, table 26.1).
        Assert.Equal(Math.Sqrt(2), new GeneratedImageTask(2, Shape, 0.158655253931457).Separation, 1e-9);
        Assert.Equal(2 * Math.Sqrt(2), new GeneratedImageTask(2, Shape, 0.0227501319481792).Separation, 1e-9);
    }

    [Theory]
    [InlineData(10, 0.02)]
    [InlineData(10, 0.3)]
    [InlineData(4, 0.1)]
    public void The_best_classifier_errs_as_often_as_is_claimed(int classes, double bayesError)
    {
        const int Images = 20_000;
        var test = GeneratedImages.Test(new GeneratedImageTask(classes, new ImageShape(1, 8, 8), bayesError), seed: 11, Images);
        var deviation = Math.Sqrt(bayesError * (1 - bayesError) / Images);
        Assert.InRange(test.ErrorOfBestClassifier(), bayesError - 4 * deviation, bayesError + 4 * deviation);
    }

    [Fact]
    public void Means_are_orthogonal_of_equal_norm_and_repeat_on_the_tile()
    {
        var task = new GeneratedImageTask(10, new ImageShape(2, 12, 8), 0.05);
        for (var a = 0; a < 10; a++)
        {
            for (var b = 0; b < 10; b++)
            {
                var product = 0.0;
                for (var i = 0; i < task.Shape.Size; i++) product += (double)task.Mean(a)[i] * task.Mean(b)[i];
                Assert.Equal(a == b ? task.Separation * task.Separation : 0, product, 1e-5);
            }
            for (var i = 0; i < task.Shape.Size; i++)
            {
                var (x, y) = (i % 8, i / 8 % 12);
                Assert.Equal(task.Mean(a)[y % 4 * 8 + x % 4], task.Mean(a)[i]);
            }
        }
        Assert.Equal(10, task.Classes.Distinct().Count());
    }

    [Fact]
    public void The_noise_is_standard_normal_and_classes_are_equally_frequent()
    {
        const int Images = 4000;
        var task = new GeneratedImageTask(5, new ImageShape(1, 4, 8), 0.1);
        var (image, sum, squares, fourths, counts) = (new float[32], 0.0, 0.0, 0.0, new int[5]);
        for (var i = 0; i < Images; i++)
        {
            var label = task.Draw(2, i, image);
            counts[label]++;
            for (var p = 0; p < image.Length; p++)
            {
                var noise = (double)image[p] - task.Mean(label)[p];
                (sum, squares, fourths) = (sum + noise, squares + noise * noise, fourths + Math.Pow(noise, 4));
            }
        }
        // 5 deviations of the moments of 128,000 standard normal numbers (variances 1, 2 and 96).
        const double N = Images * 32;
        Assert.InRange(sum / N, -5 / Math.Sqrt(N), 5 / Math.Sqrt(N));
        Assert.InRange(squares / N, 1 - 5 * Math.Sqrt(2 / N), 1 + 5 * Math.Sqrt(2 / N));
        Assert.InRange(fourths / N, 3 - 5 * Math.Sqrt(96 / N), 3 + 5 * Math.Sqrt(96 / N));
        Assert.All(counts, count => Assert.InRange(count, 800 - 5 * 25.3, 800 + 5 * 25.3));
    }

    [Fact]
    public void Images_are_a_function_of_seed_and_index_and_splits_share_none()
    {
        var task = new GeneratedImageTask(10, Shape, 0.02);
        float[] Pixels(GeneratedImages images, int i)
        {
            var pixels = new float[Shape.Size];
            images.Read(i, pixels);
            return pixels;
        }
        var train = GeneratedImages.Train(task, 1, 50);
        Assert.Equal(Pixels(train, 7), Pixels(GeneratedImages.Train(task, 1, 8), 7));
        Assert.NotEqual(Pixels(train, 7), Pixels(GeneratedImages.Train(task, 2, 8), 7));
        var first = new[] { train, GeneratedImages.Validation(task, 1, 50), GeneratedImages.Test(task, 1, 50) }.SelectMany(images => Enumerable.Range(0, 50).Select(i => Pixels(images, i)[0]));
        Assert.Equal(150, first.Distinct().Count());
    }

    [Theory]
    [InlineData(1, 8, 0.1)]
    [InlineData(11, 8, 0.1)]
    [InlineData(10, 6, 0.1)]
    [InlineData(10, 8, 0)]
    [InlineData(10, 8, 0.9)]
    [InlineData(10, 8, double.NaN)]
    public void Tasks_that_cannot_be_are_refused(int classes, int size, double bayesError) =>
        Assert.Throws<BadInputException>(() => new GeneratedImageTask(classes, new ImageShape(3, size, size), bayesError));
}
