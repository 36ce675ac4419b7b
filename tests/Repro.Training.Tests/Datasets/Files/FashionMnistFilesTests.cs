using Repro.Studies;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Files;

namespace Repro.Training.Tests.Datasets.Files;

public sealed class FashionMnistFilesTests : IDisposable
{
    private const int Train = 6;
    private const int Test = 3;

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, byte[]> _files = new()
    {
        ["train-images-idx3-ubyte"] = TinyData.Idx(Pixels(Train, 1), Train, 28, 28),
        ["train-labels-idx1-ubyte"] = TinyData.Idx([0, 1, 2, 9, 8, 7], Train),
        ["t10k-images-idx3-ubyte"] = TinyData.Idx(Pixels(Test, 2), Test, 28, 28),
        ["t10k-labels-idx1-ubyte"] = TinyData.Idx([3, 3, 4], Test),
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(".gz")]
    public void Images_and_labels_are_read_together(string extension)
    {
        TinyData.Write(_folder.Path, _files, extension);
        var dataset = Read();
        Assert.Equal("1x28x28", dataset.Shape.ToString());
        for (var i = 0; i < Train; i++)
        {
            var position = dataset.Train.FilePositions[i];
            Assert.Equal(_files["train-labels-idx1-ubyte"][8 + position], dataset.Train.Labels[i]);
            Assert.True(dataset.Train.Image(i).SequenceEqual(_files["train-images-idx3-ubyte"].AsSpan(16 + position * 784, 784)));
        }
        Assert.Equal(new byte[] { 3, 3, 4 }, dataset.Test.Labels.Order());
    }

    [Fact]
    public void Grey_images_become_grey_pictures()
    {
        TinyData.Write(_folder.Path, _files);
        var image = Read().Test.ToRgb(0);
        for (var i = 0; i < 784; i++) Assert.True(image.Pixels[3 * i] == image.Pixels[3 * i + 1] && image.Pixels[3 * i] == image.Pixels[3 * i + 2]);
    }

    [Fact]
    public void Labels_where_images_belong_are_known_by_their_magic_number()
    {
        _files["t10k-images-idx3-ubyte"] = TinyData.Idx(new byte[100], 100);
        AssertRefused("t10k-images-idx3-ubyte", "0x00000803", "0x00000801");
    }

    [Fact]
    public void Images_of_another_size_or_number_are_refused_by_their_header()
    {
        _files["train-images-idx3-ubyte"] = TinyData.Idx(new byte[Train * 32 * 32], Train, 32, 32);
        AssertRefused("train-images-idx3-ubyte", "6 x 28 x 28", "6 x 32 x 32");
    }

    [Fact]
    public void A_header_that_promises_more_than_the_file_holds_is_refused()
    {
        _files["t10k-labels-idx1-ubyte"] = TinyData.Idx([1, 2], Test);
        AssertRefused("t10k-labels-idx1-ubyte", "must hold 11 bytes", "ends after 10");
    }

    [Fact]
    public void An_empty_file_is_refused()
    {
        _files["train-labels-idx1-ubyte"] = [];
        AssertRefused("train-labels-idx1-ubyte", "ends after 0");
    }

    [Fact]
    public void A_label_above_nine_is_refused_with_its_record()
    {
        _files["train-labels-idx1-ubyte"][8 + 4] = 17;
        AssertRefused("train-labels-idx1-ubyte", "record 4 has 17");
    }

    private static byte[] Pixels(int count, int seed) => Enumerable.Range(0, count * 784).Select(i => (byte)(i * 31 + i / 784 * 7 + seed)).ToArray();

    private ImageDataset Read() => FashionMnistFiles.Read(new DatasetFolder("fashion-mnist", _folder.Path), Train, Test);

    private void AssertRefused(params string[] words)
    {
        TinyData.Write(_folder.Path, _files);
        var error = Assert.Throws<BadInputException>(Read);
        Assert.All(words.Append("repro data fetch fashion-mnist"), word => Assert.Contains(word, error.Message));
    }
}
