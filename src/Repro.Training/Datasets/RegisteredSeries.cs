using Repro.Training.Datasets.Files;

namespace Repro.Training.Datasets;

/// <summary>The time series among <see cref="DatasetRegistry.Entries"/>.</summary>
/// <remarks>
/// Lengths and checksums were computed from copies whose rows are those of the addresses' repositories. Identities are computed by this program. Of ETTm1 and ETTm2 there was no copy: their MD5
/// and rows are those of torch_timeseries 0.1.10, their lengths those that stand beside the same MD5 in public listings.
/// </remarks>
internal static class RegisteredSeries
{
    private const string Collected = "https://raw.githubusercontent.com/junwoopark92/Self-Supervised-Contrastive-Forecsating/main/dataset";

    public static readonly IReadOnlyList<DatasetEntry> Entries =
    [
        Ett("etth1", "first", 24, "ETTh1.csv", 2_589_657, "8381763947c85f4be6ac456c508460d6", "f18de3ad269cef59bb07b5438d79bb3042d3be49bdeecf01c1cd6d29695ee066",
            "91568e9da5bb8e9e3bc2d5f8268b4618c0f1513c94bb6794d9890b1844169212", "a545ae628bac2653eb83399b0a0b683ba430e0416c065f33782a639a3704922c",
            "9322a67c6b094397b6ddd75287ccd2f2ee89132109e9940d397cfcc05f2404fc", "0873e993de9d8c186bfb4548e06a85eb2c9c27c3c24c36e65ed276ffebb9e0cd"),
        Ett("etth2", "second", 24, "ETTh2.csv", 2_417_960, "51a229a3fc13579dd939364fefe9c7ab", "a3dc2c597b9218c7ce1cd55eb77b283fd459a1d09d753063f944967dd6b9218b",
            "9e7dde75c559bf306ad5ebd1331444178499bed4227c7b9a344b3885ab31dced", "5a4ba6b6ea1288156a75d7c451b08acd84786e25efc683932f43b3bfcbe8bee4",
            "08544632074af0721a886ccf46ce1581f097874012b5f8c0ea1edf4774e9e11b", "a677aa17afa6b68548c72f8519abb3462c6c34ce37288f345e91e8f565c438ad"),
        Ett("ettm1", "first", 96, "ETTm1.csv", 10_360_719, "82d6bd89109c63d075d99c1077b33f38"),
        Ett("ettm2", "second", 96, "ETTm2.csv", 9_677_236, "7687e47825335860bf58bccb31be0c56"),
        new()
        {
            Name = "exchange-rate",
            What = "Daily exchange rates of eight countries, 1990 to 2010: 7,588 rows",
            Licence = "none stated by the authors",
            Citation = "Guokun Lai, Wei-Cheng Chang, Yiming Yang, Hanxiao Liu. Modeling Long- and Short-Term Temporal Patterns with Deep Neural Networks. SIGIR 2018.",
            Homepage = "https://github.com/laiguokun/multivariate-time-series-data",
            Folders = ["exchange_rate"],
            Files = [new("exchange_rate.csv", "2fc11972378a4c8817c1adfdde522bf9")],
            Downloads =
            [
                new("exchange_rate.csv", [new($"{Collected}/exchange_rate/exchange_rate.csv")], 637_800,
                    "2fc11972378a4c8817c1adfdde522bf9", "48b4d9d3d508f5104162e85b9a6042e3557fde11aa9f2944eba8c0d0efc89842", IsArchive: false),
            ],
            Splits =
            [
                new("train", 5_311, "5c9ae7f5d27b4128d284892f37c9860e1d99d77ef82d3417327f166ded249d2f"),
                new("validation", 760, "8040bd5353e3dcb4843863fe29f012c1b6a65d3365312bc94e0dfab259824611"),
                new("test", 1_517, "67e89ec56b8d3fa279488b3924e616f94908a25b4ffbfe5000acaf0d4994ccf2"),
            ],
            Identity = "919cf90737abbd68dcfcc2f5258927e9fefa69b1b4187a488f5dbdba2f464a4f",
            Reader = folder => SeriesFiles.Read(folder, "exchange_rate.csv", 637_800, SeriesDivision.Tenths(7_588)),
        },
        new()
        {
            Name = "illness",
            What = "Weekly patients with influenza-like illness in the United States, 2002 to 2020: 966 rows of 7 channels",
            Licence = "public domain (Centers for Disease Control and Prevention)",
            Citation = "Centers for Disease Control and Prevention. FluView, ILINet; as collected for Haixu Wu et al., Autoformer, NeurIPS 2021.",
            Homepage = "https://gis.cdc.gov/grasp/fluview/fluportaldashboard.html",
            Folders = ["illness"],
            Files = [new("national_illness.csv", "50f75e5e1770ae57c2d29f5a6f2ae90a")],
            Downloads =
            [
                new("national_illness.csv", [new($"{Collected}/illness/national_illness.csv")], 67_620,
                    "50f75e5e1770ae57c2d29f5a6f2ae90a", "93601f64d2566dc796ca4305adad8b8560c2db1a1ff04543c3bd813a7263570a", IsArchive: false),
            ],
            Splits =
            [
                new("train", 676, "cc50a45050c5408a822403626bdea28b0654d032e08a7ab6484b8676428cfc88"),
                new("validation", 97, "7e9a3c1cc7bdf8cb4ab5f4b791f1d27d37f5589e39cd825d1dc6ec667c31373c"),
                new("test", 193, "80a079be2637e3842df6cd24603ad78dd7f0bc02c3d5943429251a98ea14bb59"),
            ],
            Identity = "bf6fc7ae9125509cf03f3c0fe33f94d29ff9cc2d9d0ce0f22598b64a389af05d",
            Reader = folder => SeriesFiles.Read(folder, "national_illness.csv", 67_620, SeriesDivision.Tenths(966)),
        },
    ];

    /// <param name="which">Of the two transformers.</param>
    /// <param name="rowsADay">24 or 96.</param>
    private static DatasetEntry Ett(
        string name, string which, int rowsADay, string file, long bytes, string md5, string? sha256 = null, string? identity = null, string? train = null, string? validation = null, string? test = null) => new()
    {
        Name = name,
        What = $"{(rowsADay == 24 ? "Hourly" : "Quarter-hourly")} load and oil temperature of the {which} electricity transformer of ETT, July 2016 to June 2018: "
            + $"{(rowsADay == 24 ? "17,420" : "69,680")} rows of 7 channels, of which the first 20 months are used",
        Licence = "CC BY-ND 4.0",
        Citation = "Haoyi Zhou, Shanghang Zhang, Jieqi Peng, Shuai Zhang, Jianxin Li, Hui Xiong, Wancai Zhang. Informer: Beyond Efficient Transformer for Long Sequence Time-Series Forecasting. AAAI 2021.",
        Homepage = "https://github.com/zhouhaoyi/ETDataset",
        Folders = ["ett"],
        Files = [new(file, md5)],
        Downloads = [new(file, [new($"https://raw.githubusercontent.com/zhouhaoyi/ETDataset/main/ETT-small/{file}")], bytes, md5, sha256, IsArchive: false)],
        Splits = [new("train", 360 * rowsADay, train), new("validation", 120 * rowsADay, validation), new("test", 120 * rowsADay, test)],
        Identity = identity,
        Reader = folder => SeriesFiles.Read(folder, file, bytes, SeriesDivision.Months(rowsADay), identity is null ? md5 : null),
    };
}
