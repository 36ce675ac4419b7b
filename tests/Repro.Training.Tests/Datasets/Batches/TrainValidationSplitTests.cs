using Repro.Studies;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;

namespace Repro.Training.Tests.Datasets.Batches;

public sealed class TrainValidationSplitTests
{
    [Fact]
    public void Every_example_is_in_one_part()
    {
        var split = TrainValidationSplit.Random(1000, 100, seed: 4);
        Assert.Equal((900, 100), (split.Train.Length, split.Validation.Length));
        Assert.Equal(Enumerable.Range(0, 1000), split.Train.Concat(split.Validation).Order());
        Assert.Equal(split.Validation.Order(), split.Validation);
    }

    [Fact]
    public void The_seed_alone_decides()
    {
        Assert.Equal(TrainValidationSplit.Random(1000, 100, 4).Validation, TrainValidationSplit.Random(1000, 100, 4).Validation);
        Assert.NotEqual(TrainValidationSplit.Random(1000, 100, 4).Validation, TrainValidationSplit.Random(1000, 100, 5).Validation);
    }

    [Fact]
    public void The_same_images_are_held_back_whatever_their_order_in_the_files()
    {
        var shape = new ImageShape(1, 2, 2);
        var pixels = Enumerable.Range(0, 50).Select(i => new byte[] { (byte)i, 3, (byte)(i * i), 7 }).ToArray();
        var forward = ImageSplit.FromFileOrder("train", shape, new byte[50], pixels.SelectMany(p => p).ToArray());
        var backward = ImageSplit.FromFileOrder("train", shape, new byte[50], pixels.Reverse().SelectMany(p => p).ToArray());
        IEnumerable<string> Held(ImageSplit split) => TrainValidationSplit.Random(50, 10, seed: 2).Validation.Select(i => Convert.ToHexString(split.Image(i)));
        Assert.Equal(Held(forward), Held(backward));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(10)]
    [InlineData(11)]
    public void A_part_that_leaves_nothing_is_refused(int validation) =>
        Assert.Throws<BadInputException>(() => TrainValidationSplit.Random(10, validation, 1));

    [Fact]
    public void The_whole_has_no_validation_part()
    {
        var whole = TrainValidationSplit.Whole(7);
        Assert.Equal(Enumerable.Range(0, 7), whole.Train);
        Assert.Empty(whole.Validation);
    }
}
