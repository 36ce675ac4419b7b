using Repro.Figures.Images;
using Repro.Studies;
using Repro.Training;
using Repro.Training.Checkpoints;
using Repro.Training.Datasets;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Images;

/// <summary>
/// A person's own images, made like those of the data set: the largest square around the centre, resized to the data set's size (where the image
/// shrinks, each pixel is the mean of the area it covers), grey where the data set is grey, normalized as in training. The data set itself is not needed.
/// </summary>
internal static class OwnImages
{
    /// <summary>Every class of each image with its probability, most probable first.</summary>
    /// <param name="data">The data set that the model was trained on.</param>
    /// <param name="build">A model of the run's options; its parameters and buffers are overwritten by the run's result.</param>
    /// <param name="scale">The part of the model that knows what training did to the bytes of an image.</param>
    /// <param name="logits">The model's outputs for an input; null: its forward pass.</param>
    public static IReadOnlyList<ImagePrediction> Predict<TModel>(
        IReadOnlyList<RgbImage> images, string data, Checkpoint trained, Func<ImageShape, IReadOnlyList<string>, InputScale, TModel> build,
        Func<TModel, InputScale> scale, Device device, Func<TModel, Tensor, Tensor>? logits = null)
        where TModel : nn.Module<Tensor, Tensor>
    {
        var entry = DatasetRegistry.Find(data);
        using var evaluating = no_grad();
        using var model = build(entry.Shape, entry.Classes, new InputScale(entry.Shape, null));
        trained.LoadResult(model);
        model.to(device);
        model.eval();
        var predictions = new List<ImagePrediction>();
        foreach (var image in images)
        {
            using var tensors = NewDisposeScope();
            var input = scale(model).call(ToTensor(image, entry.Shape, device));
            var probabilities = (logits?.Invoke(model, input) ?? model.call(input)).softmax(1).cpu().data<float>().ToArray();
            predictions.Add(new ImagePrediction(entry.Classes.Zip(probabilities, (name, p) => (name, (double)p)).OrderByDescending(pair => pair.Item2).ToList()));
        }
        return predictions;
    }

    /// <summary>What to say of a run that was trained on the generated task.</summary>
    public static BadInputException NotFromGenerated(string experiment) => new(
        $"This run of {experiment} was trained on the generated task, whose images are noise and gratings that no file shows. " +
        $"Train on a data set first: ./repro run {experiment} --profile quick.");

    /// <summary>[1, channels, height, width], 0 to 255.</summary>
    internal static Tensor ToTensor(RgbImage image, ImageShape shape, Device device)
    {
        var pixels = PlanarImage.FromRgb(ImageFile.Resize(CentreSquare(image), shape.Width, shape.Height), shape);
        return tensor(Array.ConvertAll(pixels, pixel => (float)pixel), [1, shape.Channels, shape.Height, shape.Width], device: device);
    }

    private static RgbImage CentreSquare(RgbImage image)
    {
        if (image.Width < 1 || image.Height < 1) throw new BadInputException($"An image of {image.Width} x {image.Height} pixels shows nothing.");
        var side = Math.Min(image.Width, image.Height);
        var (left, top) = ((image.Width - side) / 2, (image.Height - side) / 2);
        var square = new RgbImage(side, side);
        for (var y = 0; y < side; y++)
            image.Pixels.AsSpan((((top + y) * image.Width) + left) * 3, side * 3).CopyTo(square.Pixels.AsSpan(y * side * 3));
        return square;
    }
}
