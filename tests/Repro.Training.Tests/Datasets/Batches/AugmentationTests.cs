using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;

namespace Repro.Training.Tests.Datasets.Batches;

public sealed class AugmentationTests
{
    private static readonly ImageShape Shape = new(2, 6, 7);
    private static readonly float[] Image = Enumerable.Range(1, Shape.Size).Select(i => (float)i).ToArray();

    [Theory]
    [InlineData(PaddingKind.Zero)]
    [InlineData(PaddingKind.Reflect)]
    public void Every_window_of_the_padded_image_is_cut_as_by_a_plain_loop(PaddingKind kind)
    {
        var augmentation = new Augmentation(3, kind, FlipKind.Random);
        var result = new float[Shape.Size];
        for (var down = -3; down <= 3; down++)
        {
            for (var right = -3; right <= 3; right++)
            {
                foreach (var flip in new[] { false, true })
                {
                    Array.Fill(result, float.NaN);
                    augmentation.Apply(new AugmentationDraw(down, right, flip), Shape, Image, result);
                    Assert.Equal(Plainly(kind, down, right, flip), result);
                }
            }
        }
    }

    [Fact]
    public void Reflection_does_not_double_the_edge()
    {
        var row = new float[7];
        new Augmentation(2, PaddingKind.Reflect, FlipKind.Never).Apply(new AugmentationDraw(0, -2, false), new ImageShape(1, 1, 7), [0, 1, 2, 3, 4, 5, 6], row);
        Assert.Equal([2, 1, 0, 1, 2, 3, 4], row);
    }

    [Fact]
    public void A_draw_depends_on_seed_epoch_and_example_alone()
    {
        var draw = Augmentation.PadCropFlip.Draw(5, 3, 77);
        Assert.Equal(draw, Augmentation.PadCropFlip.Draw(5, 3, 77));
        AugmentationDraw[] others = [.. Enumerable.Range(0, 20).Select(i => Augmentation.PadCropFlip.Draw(5, 3, i)), .. Enumerable.Range(4, 20).Select(i => Augmentation.PadCropFlip.Draw(5, i, 77))];
        Assert.True(others.Distinct().Count() > 20);
    }

    [Fact]
    public void Every_shift_and_both_sides_come_up_equally_often()
    {
        const int Draws = 40_500;
        var draws = Enumerable.Range(0, Draws).Select(i => Augmentation.PadCropFlip.Draw(1, i % 7, i)).ToList();
        // 81 windows of 500 expected draws each; 5 deviations of a binomial count either way.
        var windows = draws.CountBy(draw => (draw.Down, draw.Right)).ToList();
        Assert.Equal(81, windows.Count);
        Assert.All(windows, window => Assert.InRange(window.Value, 500 - 5 * 22.3, 500 + 5 * 22.3));
        Assert.All(draws, draw => Assert.True(Math.Abs(draw.Down) <= 4 && Math.Abs(draw.Right) <= 4));
        Assert.InRange(draws.Count(draw => draw.Flip), Draws / 2 - 5 * 101, Draws / 2 + 5 * 101);
    }

    [Fact]
    public void Alternating_flips_show_both_sides_of_every_example_in_every_two_epochs()
    {
        var augmentation = Augmentation.TranslateAlternatingFlip;
        var first = 0;
        for (var example = 0; example < 2000; example++)
        {
            for (var epoch = 0; epoch < 6; epoch++) Assert.NotEqual(augmentation.Draw(9, epoch, example).Flip, augmentation.Draw(9, epoch + 1, example).Flip);
            if (augmentation.Draw(9, 0, example).Flip) first++;
        }
        // Half of the examples start mirrored: 5 deviations of a binomial count.
        Assert.InRange(first, 1000 - 5 * 22.4, 1000 + 5 * 22.4);
    }

    [Fact]
    public void Nothing_is_drawn_where_nothing_is_asked_for()
    {
        for (var example = 0; example < 50; example++) Assert.Equal(default, Augmentation.None.Draw(3, 1, example));
    }

    // Pads into a larger array, then reads the window from it.
    private static float[] Plainly(PaddingKind kind, int down, int right, bool flip)
    {
        const int Padding = 3;
        var (height, width) = (Shape.Height + 2 * Padding, Shape.Width + 2 * Padding);
        var result = new float[Shape.Size];
        for (var c = 0; c < Shape.Channels; c++)
        {
            var padded = new float[height, width];
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    var (fromY, fromX) = (y - Padding, x - Padding);
                    if (kind == PaddingKind.Reflect)
                    {
                        while (fromY < 0 || fromY >= Shape.Height) fromY = fromY < 0 ? -fromY : 2 * Shape.Height - 2 - fromY;
                        while (fromX < 0 || fromX >= Shape.Width) fromX = fromX < 0 ? -fromX : 2 * Shape.Width - 2 - fromX;
                    }
                    if (fromY >= 0 && fromY < Shape.Height && fromX >= 0 && fromX < Shape.Width) padded[y, x] = Image[(c * Shape.Height + fromY) * Shape.Width + fromX];
                }
            }
            for (var y = 0; y < Shape.Height; y++)
            {
                for (var x = 0; x < Shape.Width; x++)
                    result[(c * Shape.Height + y) * Shape.Width + x] = padded[y + Padding + down, (flip ? Shape.Width - 1 - x : x) + Padding + right];
            }
        }
        return result;
    }
}
