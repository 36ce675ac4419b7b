using MathNet.Numerics.LinearAlgebra;
using Repro.Experiments.Airbench;
using Repro.Studies.Randomness;
using Repro.Training;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Generated;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Airbench;

public sealed class AirbenchTests
{
    [Fact]
    public void Whitened_patches_are_uncorrelated_and_of_unit_variance()
    {
        var images = GeneratedImages.Train(new GeneratedImageTask(4, new ImageShape(3, 8, 8), 0.01), 0, 50);
        var examples = Enumerable.Range(0, 50).ToList();
        var size = Whitening.PatchSize(3);
        var filters = Matrix<double>.Build.Dense(2 * size, size, (row, column) => 0);
        var values = Whitening.Filters(images, examples);
        for (var k = 0; k < 2 * size; k++)
        {
            for (var i = 0; i < size; i++) filters[k, i] = values[(k * size) + i];
        }
        // The mean over the same patches of what filters i and j give, multiplied: 1 for the same, -1 for the opposite, 0 for all others.
        var products = filters * Whitening.SecondMoments(images, examples) * filters.Transpose();
        for (var i = 0; i < 2 * size; i++)
        {
            for (var j = 0; j < 2 * size; j++)
                Assert.Equal(i == j ? 1 : Math.Abs(i - j) == size ? -1 : 0, products[i, j], 2e-3);
        }
    }

    [Theory]
    [InlineData(4, 9)]
    [InlineData(9, 4)]
    public void Orthogonalizing_keeps_singular_vectors_and_sends_singular_values_through_the_quintic(int rows, int columns)
    {
        var numbers = new Philox(7, RandomPurpose.Checks);
        var values = new float[rows * columns];
        for (var i = 0; i < values.Length; i++) values[i] = (float)numbers.NextNormal();
        using var matrix = tensor(values, [rows, columns]);
        using var result = Muon.Orthogonalize(matrix, iterations: 3);

        var svd = Matrix<double>.Build.Dense(rows, columns, (r, c) => values[(r * columns) + c]).Svd();
        var expected = Matrix<double>.Build.Dense(rows, columns);
        for (var k = 0; k < Math.Min(rows, columns); k++)
        {
            var s = svd.S[k] / svd.S.L2Norm();
            for (var i = 0; i < 3; i++) s = (3.4445 * s) - (4.7750 * Math.Pow(s, 3)) + (2.0315 * Math.Pow(s, 5));
            expected += s * svd.U.Column(k).OuterProduct(svd.VT.Row(k));
        }
        var actual = result.data<float>().ToArray();
        for (var i = 0; i < actual.Length; i++) Assert.Equal(expected[i / columns, i % columns], actual[i], 1e-4);
    }

    [Fact]
    public void A_fresh_convolution_passes_its_input_on_in_its_first_filters()
    {
        using var group = new AirbenchGroup(3, 5, new InitialValues(0));
        var weight = group.named_parameters().Single(p => p.name == "conv1.weight").parameter;
        for (var i = 0; i < 3; i++)
        {
            for (var j = 0; j < 3; j++)
            {
                using var kernel = weight[i, j].detach();
                Assert.Equal(i == j ? 1 : 0, kernel.sum().item<float>());
                Assert.Equal(i == j ? 1 : 0, kernel[1, 1].item<float>());
            }
        }
    }

    [Fact]
    public void Six_views_weigh_the_image_by_a_half_and_each_shift_by_a_quarter()
    {
        // A model that gives the top left pixel of 3 x 3 images: 1 2 3 / 4 5 6 / 7 8 9.
        using var model = new TopLeftPixel();
        using var image = tensor(Enumerable.Range(1, 9).Select(v => (float)v).ToArray(), [1, 1, 3, 3]);
        // Straight: 1, mirrored 3. Shifted to show what lies up and left: the reflected corner 5, mirrored (2 up and 1 across from the right) 5.
        // Shifted the other way: 5, mirrored: the reflected column beyond the right edge, 5.
        using var two = AirbenchTask.Views(model, image, 2);
        using var six = AirbenchTask.Views(model, image, 6);
        Assert.Equal((1 + 3) / 2f, two.item<float>());
        Assert.Equal((2 + ((5 + 5) / 2f + (5 + 5) / 2f) / 2) / 2, six.item<float>());
    }

    [Fact]
    public void The_whitening_bias_stops_training_before_the_others()
    {
        var options = new AirbenchOptions { Data = "generated", TrainOn = "split", Width = 2, BatchSize = 100, Translate = 0, Flip = false };
        using var task = (AirbenchTask)new AirbenchExperiment().CreateTask(options, new RunContext());
        double[] Rates(long step)
        {
            task.SetLearningRate(task.LearningRate(step, new MetricHistory()));
            return task.Optimizers.SelectMany(o => o.ParamGroups).Select(g => g.LearningRate).ToArray();
        }
        void Are(double[] expected, double[] actual)
        {
            for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 9);
        }
        Are([5.3, 5.3, 67, 0.24], Rates(0));
        Are([0, 5.3 * 0.625, 67 * 0.625, 0.24 * 0.625], Rates(75));     // 3 of 8 epochs
        Are([0, 5.3 * 0.25, 67 * 0.25, 0.24 * 0.25], Rates(150));
    }

    [Fact]
    public void Whitening_filters_stay_as_they_are_and_all_else_is_trained()
    {
        var options = new AirbenchOptions { Data = "generated", TrainOn = "split", Width = 2, BatchSize = 32, Steps = 4, Translate = 0, Flip = false };
        using var task = (AirbenchTask)new AirbenchExperiment().CreateTask(options, new RunContext());
        var before = task.Model.named_parameters().ToDictionary(p => p.name, p => p.parameter.detach().clone());
        TaskLoop.Train(task, 2);
        foreach (var (name, parameter) in task.Model.named_parameters())
            Assert.Equal(name == "whiten.weight", parameter.detach().equal(before[name]).all().item<bool>());
    }

    private sealed class TopLeftPixel() : nn.Module<Tensor, Tensor>(nameof(TopLeftPixel))
    {
        public override Tensor forward(Tensor x) => x.slice(2, 0, 1, 1).slice(3, 0, 1, 1).flatten(1);
    }
}
