using Repro.Figures.Images;

namespace Repro.Figures.Layout;

/// <summary>Where the images of an <see cref="ImageGrid"/> and their captions stand, in points. The figure's size follows from the images.</summary>
public sealed record ImageGridLayout
{
    /// <summary>Points of one pixel of a PNG, which has twice the 96 pixels an inch of a screen.</summary>
    public const double Pixel = 0.375;

    private const double Edge = 6, Gap = 6, CaptionLine = 8.5, LargestChosen = 120, NarrowestCaption = 48;
    private const int CaptionLines = 3;

    public required double Width { get; init; }

    public required double Height { get; init; }

    public required IReadOnlyList<PlacedText> Texts { get; init; }

    /// <summary>Boxes have whole PNG pixels, so that every pixel of an image becomes a square of the same size.</summary>
    public required IReadOnlyList<(RgbImage Image, Box Box)> Images { get; init; }

    public static ImageGridLayout Of(Figure figure)
    {
        FigureRules.Check(figure);
        var grid = (ImageGrid)figure.Marks[0];
        var columns = Math.Min(grid.Columns, grid.Images.Count);
        var (imageWidth, imageHeight) = (grid.Images.Max(image => image.Width), grid.Images.Max(image => image.Height));
        var narrowest = grid.Captions.Count > 0 ? NarrowestCaption : 0;
        var pitchRoom = (figure.Width - 2 * Edge + Gap) / columns - Gap;
        var scale = grid.Scale > 0 ? grid.Scale : Math.Max(1, (int)(Math.Min(pitchRoom, LargestChosen) / (imageWidth * Pixel)));
        var cell = Whole(Math.Max(imageWidth * scale * Pixel, narrowest));
        var title = TextSize.Clean(figure.Title);
        var content = columns * (cell + Gap) - Gap;
        var width = Whole(2 * Edge + Math.Max(content, Math.Min(figure.Width - 2 * Edge, TextSize.Width(title, TextSize.Title, bold: true) + 4)));

        var texts = TextSize.Wrap(title, width - 2 * Edge, TextSize.Title, 2, bold: true)
            .Select((line, i) => new PlacedText(line, Edge, Edge + (i + 0.5) * 12, TextSize.Title, Bold: true)).ToList();
        var images = new List<(RgbImage, Box)>();
        var top = Whole(Edge + texts.Count * 12 + (texts.Count > 0 ? 4 : 0));
        for (var row = 0; row * columns < grid.Images.Count; row++)
        {
            var captionLines = 0;
            for (var column = 0; column < columns && row * columns + column < grid.Images.Count; column++)
            {
                var index = row * columns + column;
                var image = grid.Images[index];
                var (w, h) = (image.Width * scale * Pixel, image.Height * scale * Pixel);
                var left = Whole(Edge + column * (cell + Gap) + (cell - w) / 2);
                var imageTop = Whole(top + (imageHeight * scale * Pixel - h) / 2);
                images.Add((image, new Box(left, imageTop, left + w, imageTop + h)));
                if (grid.Captions.Count == 0) continue;
                var lines = TextSize.Wrap(TextSize.Clean(grid.Captions[index]), cell + Gap - 2, TextSize.Small, CaptionLines);
                captionLines = Math.Max(captionLines, lines.Count);
                var textTop = top + imageHeight * scale * Pixel + 2;
                texts.AddRange(lines.Select((line, i) => new PlacedText(line, left + w / 2, textTop + (i + 0.5) * CaptionLine, TextSize.Small, TextAlign.Centre)));
            }
            top = Whole(top + imageHeight * scale * Pixel + (captionLines > 0 ? 2 + captionLines * CaptionLine : 0) + Gap);
        }
        return new ImageGridLayout { Width = width, Height = Whole(top - Gap + Edge), Texts = texts, Images = images };
    }

    private static double Whole(double points) => Math.Ceiling(points / Pixel - 1e-9) * Pixel;
}
