using Repro.Studies;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;

namespace Repro.Training.Tests.Datasets.Batches;

public sealed class ImageBatchesTests
{
    private static readonly CountingImages Images = new(100);
    private static readonly int[] Examples = Enumerable.Range(0, 100).Where(i => i % 4 != 0).ToArray(); // 75

    [Fact]
    public void Continued_batches_are_all_full_and_each_epoch_has_every_example_once()
    {
        var batches = ImageBatches.Shuffled(Images, Examples, 16, seed: 3);
        var stream = Enumerable.Range(0, 15).SelectMany(step => batches.Examples(step)).ToList(); // 240 = 3.2 epochs
        Assert.Equal(240, stream.Count);
        for (var epoch = 0; epoch < 3; epoch++) Assert.Equal(Examples, stream.Skip(75 * epoch).Take(75).Order());
        Assert.NotEqual(stream.Take(75), stream.Skip(75).Take(75));
        Assert.Equal(5, batches.StepsFor(1));
        Assert.Equal(47, batches.StepsFor(10));
    }

    [Fact]
    public void Smaller_last_batches_end_each_epoch()
    {
        var batches = ImageBatches.Shuffled(Images, Examples, 16, seed: 3, last: LastBatch.Smaller);
        Assert.Equal([16, 16, 16, 16, 11, 16], Enumerable.Range(0, 6).Select(step => batches.Size(step)));
        Assert.Equal(Examples, Enumerable.Range(5, 5).SelectMany(step => batches.Examples(step)).Order());
        Assert.Equal(10, batches.StepsFor(2));
    }

    [Fact]
    public void Dropped_rests_leave_other_examples_out_each_epoch()
    {
        var batches = ImageBatches.Shuffled(Images, Examples, 16, seed: 3, last: LastBatch.Dropped);
        Assert.Equal(4, batches.StepsFor(1));
        var left = Enumerable.Range(0, 2).Select(epoch => Examples.Except(Enumerable.Range(4 * epoch, 4).SelectMany(step => batches.Examples(step))).ToList()).ToList();
        Assert.All(left, rest => Assert.Equal(11, rest.Count));
        Assert.NotEqual(left[0], left[1]);
    }

    [Fact]
    public void Batches_for_evaluation_keep_the_given_order()
    {
        var batches = ImageBatches.InOrder(Images, Examples, 32);
        Assert.Equal(3, batches.StepsFor(1));
        Assert.Equal(Examples, Enumerable.Range(0, 3).SelectMany(step => batches.Examples(step)));
        Assert.Equal(11, batches.Size(2));
    }

    [Fact]
    public void A_batch_as_large_as_the_data_has_no_rest()
    {
        foreach (var last in Enum.GetValues<LastBatch>())
        {
            var batches = ImageBatches.Shuffled(Images, Examples, 75, seed: 3, last: last);
            Assert.Equal((1, 75, 75), (batches.StepsFor(1), batches.Size(0), batches.Size(7)));
        }
    }

    [Fact]
    public void A_step_is_the_same_whenever_and_wherever_it_is_made()
    {
        ImageBatches Make() => ImageBatches.Shuffled(Images, Examples, 16, seed: 8, new Augmentation(2, PaddingKind.Reflect, FlipKind.Random));
        var inOrder = Make();
        var expected = Enumerable.Range(0, 60).Select(step => Fill(inOrder, step)).ToArray();

        var shared = Make();
        Parallel.For(0, 60, i =>
        {
            var step = i * 37 % 60;
            var (pixels, labels) = Fill(shared, step);
            Assert.Equal(expected[step].Pixels, pixels);
            Assert.Equal(expected[step].Labels, labels);
        });
        Assert.Equal(expected[59].Pixels, Fill(Make(), 59).Pixels);
    }

    [Fact]
    public void Another_seed_gives_another_order() =>
        Assert.NotEqual(
            ImageBatches.Shuffled(Images, Examples, 75, seed: 1).Examples(0),
            ImageBatches.Shuffled(Images, Examples, 75, seed: 2).Examples(0));

    [Fact]
    public void Pixels_and_labels_are_those_of_the_examples()
    {
        var batches = ImageBatches.Shuffled(Images, Examples, 16, seed: 3, last: LastBatch.Smaller);
        var (pixels, labels) = (new float[16 * Images.Shape.Size], new long[16]);
        Assert.Equal(11, batches.Fill(4, pixels, labels));
        var examples = batches.Examples(4);
        for (var i = 0; i < 11; i++)
        {
            Assert.Equal(examples[i] % 10, labels[i]);
            Assert.All(pixels[(i * Images.Shape.Size)..((i + 1) * Images.Shape.Size)], pixel => Assert.Equal(examples[i], pixel));
        }
    }

    [Fact]
    public void Augmentation_is_the_one_drawn_for_the_epoch_and_the_example()
    {
        var batches = ImageBatches.Shuffled(Images, Examples, 16, seed: 3, new Augmentation(1, PaddingKind.Zero, FlipKind.Never));
        var (pixels, shape) = (new float[16 * Images.Shape.Size], Images.Shape);
        for (var step = 0; step < 10; step++)
        {
            batches.Fill(step, pixels, new long[16]);
            var examples = batches.Examples(step);
            for (var i = 0; i < 16; i++)
            {
                var draw = new Augmentation(1, PaddingKind.Zero, FlipKind.Never).Draw(3, (step * 16 + i) / 75, examples[i]);
                // A flat image shows its shift by a row or column of zeros at the opposite edge.
                float At(int y, int x) => pixels[i * shape.Size + y * shape.Width + x];
                Assert.Equal(draw.Down < 0 || examples[i] == 0 ? 0 : examples[i], At(0, 1));
                Assert.Equal(draw.Down > 0 || examples[i] == 0 ? 0 : examples[i], At(shape.Height - 1, 1));
                Assert.Equal(draw.Right < 0 || examples[i] == 0 ? 0 : examples[i], At(1, 0));
            }
        }
    }

    [Theory]
    [InlineData(0, LastBatch.Smaller, "at least 1")]
    [InlineData(76, LastBatch.Dropped, "there are 75")]
    public void Batches_that_cannot_be_are_refused(int size, LastBatch last, string complaint)
    {
        var error = Assert.Throws<BadInputException>(() => ImageBatches.Shuffled(Images, Examples, size, 1, last: last));
        Assert.Contains(complaint, error.Message);
    }

    [Fact]
    public void Padding_as_large_as_the_image_is_refused()
    {
        var error = Assert.Throws<BadInputException>(() => ImageBatches.Shuffled(Images, Examples, 8, 1, Augmentation.PadCropFlip));
        Assert.Contains("1x3x4", error.Message);
    }

    private static (float[] Pixels, long[] Labels) Fill(ImageBatches batches, long step)
    {
        var (pixels, labels) = (new float[batches.BatchSize * batches.Shape.Size], new long[batches.BatchSize]);
        batches.Fill(step, pixels, labels);
        return (pixels, labels);
    }

    /// <summary>Example i is an image of the number i everywhere, of class i mod 10.</summary>
    private sealed class CountingImages(int count) : IImageSource
    {
        public ImageShape Shape => new(1, 3, 4);

        public IReadOnlyList<string> Classes => Enumerable.Range(0, 10).Select(i => $"{i}").ToList();

        public int Count => count;

        public int Label(int example) => example % 10;

        public void Read(int example, Span<float> pixels) => pixels.Fill(example);
    }
}
