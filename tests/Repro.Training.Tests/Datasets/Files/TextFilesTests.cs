using System.Text;
using Repro.Shared;
using Repro.Studies;
using Repro.Training.Datasets.Files;
using Repro.Training.Datasets;

namespace Repro.Training.Tests.Datasets.Files;

public sealed class TextFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(".gz")]
    public void The_texts_of_a_parallel_corpus_stand_in_their_splits(string extension)
    {
        var corpus = Read(extension, ("train.en", "a man .\na dog .\n"), ("train.de", "ein mann .\nein hund .\n"), ("test.en", "two\n"));
        Assert.Equal("ein mann .\nein hund .\n", corpus.Train["train.de"]);
        Assert.Equal([("train", 2), ("test", 1)], corpus.Parts.Select(part => (part.Name, part.Records)));
        Assert.Contains("only train.en, train.de", Assert.Throws<ArgumentException>(() => corpus.Train["test.en"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sealed_test_text_cannot_be_had_and_its_identity_is_known_all_the_same()
    {
        var corpus = Read("", ("train.en", "a\n"), ("test.en", "b\n"));
        var shut = corpus with { TestIsSealed = true };
        Assert.Throws<SealedTestException>(() => shut.Test);
        Assert.Equal(corpus.Identity, shut.Identity);
        Assert.Equal("a\n", shut.Train["train.en"]);
    }

    [Fact]
    public void The_identity_changes_with_a_character_with_the_order_of_lines_and_with_a_boundary_between_texts()
    {
        var identities = new[]
        {
            Read("", ("train.en", "a\nb\n"), ("test.en", "c\n")), Read("", ("train.en", "b\na\n"), ("test.en", "c\n")),
            Read("", ("train.en", "a\nb"), ("test.en", "\nc\n")), Read("", ("train.en", "a\nc\n"), ("test.en", "b\n")),
        }.Select(corpus => corpus.Identity).ToList();
        Assert.Equal(4, identities.Distinct().Count());
    }

    [Fact]
    public void Bytes_that_are_no_characters_are_refused_with_the_file_and_the_next_step()
    {
        TinyData.Write(_folder.Path, new Dictionary<string, byte[]> { ["train.en"] = [97, 0xff, 10] });
        var error = Assert.Throws<BadInputException>(() => TextFiles.Read(new DatasetFolder("corpus", _folder.Path), new TextFiles.Part("train", "train.en", 3)));
        Assert.Contains(_folder.At("train.en"), error.Message, StringComparison.Ordinal);
        Assert.Contains("must be UTF-8", error.Message, StringComparison.Ordinal);
        Assert.Contains("repro data fetch corpus", error.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("")]
    [InlineData(".gz")]
    public void A_pipe_in_the_place_of_a_text_is_refused_and_never_waited_for(string extension)
    {
        Skip.IfNot(NamedPipe.Make(_folder.At("train.en" + extension)), "there is no mkfifo here");
        // Held open at both ends, so that even who reads it does not wait for a writer: it has 3 bytes, and no end.
        using var pipe = NamedPipe.Open(_folder.At("train.en" + extension));
        pipe.Write(TinyData.Pack("ab\n"u8.ToArray(), extension));
        var folder = new DatasetFolder("corpus", _folder.Path);
        foreach (var read in new Action[] { () => TextFiles.Read(folder, new TextFiles.Part("train", "train.en", 2)), () => folder.ReadUpTo("train.en", 2) })
            Assert.Contains($"'{_folder.At("train.en" + extension)}' of the data set corpus must be a regular file; it is a pipe.", Assert.Throws<BadInputException>(read).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_corpus_of_one_file_is_divided_after_its_first_characters()
    {
        TinyData.Write(_folder.Path, new Dictionary<string, byte[]> { ["input.txt"] = "To be, or not"u8.ToArray() });
        var corpus = TextFiles.ReadDivided(new DatasetFolder("plays", _folder.Path), "input.txt", 13, train: 7);
        Assert.Equal(("To be, ", "or not"), (corpus.Train["input.txt"], corpus.Validation["input.txt"]));
        Assert.Throws<ArgumentException>(() => corpus.Test);
    }

    [SkippableFact]
    public void Penn_Treebank_has_the_words_that_are_published()
    {
        var corpus = Real("ptb");
        var counts = corpus.Splits.Select(split => split.Texts[0].Text).Select(text => text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Length + text.Count(c => c == '\n'));
        Assert.Equal([929_589, 73_760, 82_430], counts);
        Assert.Equal(9_999, corpus.Train["ptb.train.txt"].Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Distinct().Count());
    }

    [SkippableFact]
    public void Tiny_Shakespeare_has_the_characters_that_are_published()
    {
        var corpus = Real("tiny-shakespeare");
        Assert.Equal((1_003_854, 111_540), (corpus.Train["input.txt"].Length, corpus.Validation["input.txt"].Length));
        Assert.Equal(65, (corpus.Train["input.txt"] + corpus.Validation["input.txt"]).Distinct().Count());
    }

    [SkippableTheory]
    [InlineData("ptb")]
    [InlineData("tiny-shakespeare")]
    [InlineData("multi30k")]
    [InlineData("multi30k-bpe")]
    public void The_real_texts_are_the_registered_ones(string name) =>
        Assert.Equal(DataVerdict.SameData, DatasetVerification.Of(DatasetRegistry.Find(name), Real(name)).Verdict);

    private static TextDataset Real(string name) => Assert.IsType<TextDataset>(TinyData.RealData(name));

    private TextDataset Read(string extension, params (string Name, string Text)[] files)
    {
        TinyData.Write(_folder.Path, files.ToDictionary(file => file.Name, file => Encoding.UTF8.GetBytes(file.Text)), extension);
        return TextFiles.Read(new DatasetFolder("corpus", _folder.Path), [.. files.Select(file => new TextFiles.Part(file.Name.Split('.')[0], file.Name, Encoding.UTF8.GetByteCount(file.Text)))]);
    }
}
