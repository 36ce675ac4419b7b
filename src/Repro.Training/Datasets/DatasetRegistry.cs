using Repro.Studies;
using Repro.Studies.Options;
using Repro.Training.Datasets.Files;
using Repro.Training.Datasets.Inspection;

namespace Repro.Training.Datasets;

/// <summary>The data sets that can be read, with the addresses, checksums and identities by which they are got and recognized. The only place of each.</summary>
/// <remarks>
/// Sources: MD5 of the CIFAR-10 archive from its home page, of Fashion-MNIST's files from its README. Sizes and SHA-256 of the downloads from
/// TensorFlow Datasets' url_checksums. MD5 of the unpacked official files as several public build scripts check them. Identities are computed by
/// this program from copies of the same records in another order.
/// </remarks>
public static class DatasetRegistry
{
    public static readonly IReadOnlyList<DatasetEntry> Entries =
    [
        new()
        {
            Name = "cifar-10",
            What = "60,000 colour photographs of 32 x 32 pixels in 10 classes of things and animals",
            Licence = "none stated by the authors; they ask for the citation",
            Citation = "Alex Krizhevsky. Learning Multiple Layers of Features from Tiny Images. Technical report, University of Toronto, 2009.",
            Homepage = "https://www.cs.toronto.edu/~kriz/cifar.html",
            Shape = Cifar10Files.Shape,
            Classes = Cifar10Files.Classes,
            Folders = ["cifar-10-batches-bin"],
            OtherVersions = new Dictionary<string, string>
            {
                ["cifar-10-batches-py"] = "the version for Python (pickle)",
                ["cifar-10-batches-mat"] = "the version for Matlab",
                ["cifar-100-binary"] = "CIFAR-100",
            },
            Files =
            [
                new("data_batch_1.bin", "5dd7e06a14cb22eb9f671a540d1b7c25"),
                new("data_batch_2.bin", "5ea93a67294ea407fff1d09f752e9692"),
                new("data_batch_3.bin", "942cd6a4bcdd0dd3c604fbe906cb4421"),
                new("data_batch_4.bin", "ae636b3ba5c66a11e91e8cb52e771fcb"),
                new("data_batch_5.bin", "53f37980c15c3d472c316c40844f3f0d"),
                new("test_batch.bin", "803d5f7f4d78ea53de84dbe85f74fb6d"),
            ],
            Downloads =
            [
                new("cifar-10-binary.tar.gz", [new("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz")], 170_052_171,
                    "c32a1d4ab5d03f1284b67883e8d87530", "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd", IsArchive: true),
            ],
            Splits =
            [
                new("train", 50_000, "25b86af9e2e079b9bdef33eedf1aa2aeb994bc8cda3b0019742c61632d27c378"),
                new("test", 10_000, "5382bdc005768b209df747e179687733cddc5e2c3faa534c95e42d2eb289859f"),
            ],
            Identity = "36e892157d14e38267ea65971cf1d331fbd82405f7d14729d38e96afc3df28bf",
            NearDuplicates = NearDuplicateRule.Photographs,
            Reader = folder => Cifar10Files.Read(folder),
        },
        new()
        {
            Name = "fashion-mnist",
            What = "70,000 grey images of 28 x 28 pixels of clothing in 10 classes",
            Licence = "MIT",
            Citation = "Han Xiao, Kashif Rasul, Roland Vollgraf. Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms. arXiv:1708.07747, 2017.",
            Homepage = "https://github.com/zalandoresearch/fashion-mnist",
            Shape = FashionMnistFiles.Shape,
            Classes = FashionMnistFiles.Classes,
            // A plain folder of the files, a clone of the authors' repository, and what torchvision makes.
            Folders = ["fashion-mnist", "fashion-mnist/data/fashion", "FashionMNIST/raw"],
            Files =
            [
                new("train-images-idx3-ubyte", "f4a8712d7a061bf5bd6d2ca38dc4d50a"),
                new("train-labels-idx1-ubyte", "9018921c3c673c538a1fc5bad174d6f9"),
                new("t10k-images-idx3-ubyte", "8181f5470baa50b63fa0f6fddb340f0a"),
                new("t10k-labels-idx1-ubyte", "15d484375f8d13e6eb1aabb0c3f46965"),
            ],
            Downloads =
            [
                Fashion("train-images-idx3-ubyte.gz", 26_421_880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d", "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
                Fashion("train-labels-idx1-ubyte.gz", 29_515, "25c81989df183df01b3e8a0aad5dffbe", "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
                Fashion("t10k-images-idx3-ubyte.gz", 4_422_102, "bef4ecab320f06d8554ea6380940ec79", "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
                Fashion("t10k-labels-idx1-ubyte.gz", 5_148, "bb300cfdad3c16e7a12a480ee83cd310", "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
            ],
            Splits =
            [
                new("train", 60_000, "56569e38d0519f848f170418cb25cfd46efab63d782247ffb24d86c06baa0885"),
                new("test", 10_000, "451031df8463a5e2f6b22759ee7fe57f9c7ee4e17fb9db78674d0bfcab143151"),
            ],
            Identity = "ccaac9457b5a0c97d0dbd199b65b48e69d20c84e7679372d1b2fde6e499b93b3",
            NearDuplicates = NearDuplicateRule.CutOuts,
            Reader = folder => FashionMnistFiles.Read(folder),
        },
        new()
        {
            Name = "optdigits",
            What = "4,796 handwritten digits of 8 x 8 pixels in 17 levels of grey",
            Licence = "CC BY 4.0",
            Citation = "Ethem Alpaydin, Cenk Kaynak. Optical Recognition of Handwritten Digits. UCI Machine Learning Repository, 1998. doi:10.24432/C50P49.",
            Homepage = "https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
            Shape = OptdigitsFiles.Shape,
            Classes = OptdigitsFiles.Classes,
            Folders = ["optdigits"],
            Files = [new("optdigits.tra", "268ce7771f3f15afbc54402478b1d454"), new("optdigits.tes", "a0339c30a8a5312a1b6f9e5c719dcce5")],
            Downloads =
            [
                new("optdigits.tra", [new("https://archive.ics.uci.edu/ml/machine-learning-databases/optdigits/optdigits.tra")], 563_639,
                    "268ce7771f3f15afbc54402478b1d454", "e1b683cc211604fe8fd8c4417e6a69f31380e0c61d4af22e93cc21e9257ffedd", IsArchive: false),
                new("optdigits.tes", [new("https://archive.ics.uci.edu/ml/machine-learning-databases/optdigits/optdigits.tes")], 264_712,
                    "a0339c30a8a5312a1b6f9e5c719dcce5", "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8", IsArchive: false),
            ],
            Splits = [new("train", 2_999, "e640d239a77c9631608f85a84d002449a00c52d2d748985a06da55a09eadbae0"), new("test", 1_797, "194ceb61e1c7cf54a30969acaec074277a5ba7289a66cf87fd09d50807af78ad")],
            Identity = "174961bd3489b58e2cab9135ce9c396f5969b01d9cb0080c248433654b7fb1bf",
            NearDuplicates = NearDuplicateRule.CutOuts,
            Reader = folder => OptdigitsFiles.Read(folder),
        },
        .. RegisteredTexts.Entries,
        .. RegisteredSeries.Entries,
    ];

    /// <summary>Names of those that are time series.</summary>
    public static readonly IReadOnlyList<string> Series = [.. RegisteredSeries.Entries.Select(entry => entry.Name)];

    /// <exception cref="BadInputException">There is no such data set; lists those that there are, nearest first.</exception>
    public static DatasetEntry Find(string name) => Entries.FirstOrDefault(entry => entry.Name == name) ?? throw new BadInputException(
        $"There is no data set '{name}'. Known ones, nearest first: {string.Join(", ", NearestWords.Order(name, Entries.Select(entry => entry.Name)))}.");

    /// <summary>Each data set with where it is, reading nothing but the names of files.</summary>
    public static IReadOnlyList<DatasetListing> List(DataFolders folders) => Entries.Select(entry => DatasetListing.Of(entry, folders)).ToList();

    private static DatasetDownload Fashion(string name, long bytes, string md5, string sha256) => new(
        name,
        [
            new($"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/{name}"),
            new($"https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/{name}"),
        ],
        bytes, md5, sha256, IsArchive: false);
}
