using Repro.Figures.Images;

namespace Repro.Figures.Tests.Images;

public sealed class ContactSheetTests
{
    [Fact]
    public void Images_stand_row_by_row_with_gaps_and_every_pixel_enlarged()
    {
        RgbImage[] images = [Dot(1), Dot(2), Dot(3)];
        var sheet = ContactSheet.Arrange(images, columns: 2, scale: 2, gap: 1, background: 255);

        // Two cells of 2 + 1 pixels and one gap more in each direction; drawn in grey levels:
        string[] expected =
        [
            "FFFFFFF",
            "F11F22F",
            "F11F22F",
            "FFFFFFF",
            "F33FFFF",
            "F33FFFF",
            "FFFFFFF",
        ];
        Assert.Equal((7, 7), (sheet.Width, sheet.Height));
        for (var y = 0; y < 7; y++)
        {
            for (var x = 0; x < 7; x++)
            {
                var level = expected[y][x] == 'F' ? 255 : expected[y][x] - '0';
                for (var c = 0; c < 3; c++) Assert.Equal(level, sheet.Pixels[(y * 7 + x) * 3 + c]);
            }
        }
    }

    [Fact]
    public void Without_gap_and_scale_a_row_of_images_is_their_rows_joined()
    {
        var left = new RgbImage(2, 2, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        var right = new RgbImage(1, 2, [21, 22, 23, 24, 25, 26]);
        var sheet = ContactSheet.Arrange([left, right], columns: 5, gap: 0, background: 0);
        Assert.Equal([1, 2, 3, 4, 5, 6, 21, 22, 23, 0, 0, 0, 7, 8, 9, 10, 11, 12, 24, 25, 26, 0, 0, 0], sheet.Pixels);
    }

    [Fact]
    public void A_sheet_of_nothing_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => ContactSheet.Arrange([], 3));

    private static RgbImage Dot(byte level) => new(1, 1, [level, level, level]);
}
