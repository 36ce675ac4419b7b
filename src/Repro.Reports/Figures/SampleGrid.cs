using Repro.Figures;
using Repro.Figures.Images;

namespace Repro.Reports.Figures;

/// <summary>Images in rows and columns with what is to be said of each: samples of a model, examples of a data set.</summary>
public static class SampleGrid
{
    /// <param name="name">Of the figure's file.</param>
    /// <param name="rule">How the images were chosen, as a sentence: a grid whose choice is not said proves nothing.</param>
    /// <param name="images">In the order of the rule, each with a caption; all captions empty for none.</param>
    /// <param name="scale">How many pixels a pixel becomes; 0 lets the renderer choose.</param>
    public static Figure Of(string name, string title, string rule, IReadOnlyList<(RgbImage Image, string Caption)> images, int columns = 8, int scale = 0)
    {
        IReadOnlyList<string> captions = images.All(item => item.Caption.Length == 0) ? [] : [.. images.Select(item => item.Caption)];
        return new Figure(name, title, new Axis(""), new Axis(""), [new ImageGrid([.. images.Select(item => item.Image)], captions, columns, scale)]) { Caption = $"{rule} n = {images.Count}." };
    }
}
