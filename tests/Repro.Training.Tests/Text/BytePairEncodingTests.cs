using Repro.Studies;
using Repro.Training.Text;

namespace Repro.Training.Tests.Text;

public class BytePairEncodingTests
{
    private static readonly List<string> Toy = TextReference.Strings(TextReference.Json["toy"]);

    [Fact]
    public void Codes_are_learned_as_subword_nmt_learns_them()
    {
        foreach (var one in TextReference.Json["codes"]!.AsArray())
        {
            Assert.Equal((string)one!["codes"]!, BytePairEncoding.Learn(Toy, (int)one["merges"]!, (int)one["least"]!).Write());
        }
    }

    [Fact]
    public void Words_are_cut_as_subword_nmt_cuts_them()
    {
        var encoding = BytePairEncoding.Read((string)TextReference.Json["codes"]![0]!["codes"]!);
        foreach (var one in TextReference.Json["encoded"]!.AsArray())
        {
            var line = (string)one!["line"]!;
            Assert.Equal((string)one["encoded"]!, encoding.Apply(line));
            Assert.Equal(string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)), BytePairEncoding.Join(encoding.Apply(line)).Trim(' '));
        }
    }

    [Theory]
    [InlineData("#version: 0.1\n")]
    [InlineData("")]
    public void In_the_first_version_of_codes_the_end_of_a_word_is_a_symbol(string first)
    {
        var one = TextReference.Json["encoded_by_old_codes"]!;
        var codes = first + ((string)TextReference.Json["old_codes"]!).Split('\n', 2)[1];
        Assert.Equal((string)one["encoded"]!, BytePairEncoding.Read(codes).Apply((string)one["line"]!));
        Assert.Equal((string)one["encoded"]!, BytePairEncoding.Read(BytePairEncoding.Read(codes).Write()).Apply((string)one["line"]!));
    }

    [Fact]
    public void White_space_other_than_spaces_belongs_to_words()
    {
        // subword-nmt's test_utf8_whitespace, with codes of this page.
        var encoding = BytePairEncoding.Read("#version: 0.2\ni r\nir o\niro n\nm e\nme n\nmen t</w>\n");
        Assert.Equal("iron@@ \u00a0@@ c@@ e@@ ment", encoding.Apply("iron\u00a0cement"));
        Assert.Equal("  ir@@ o@@ x  \n", BytePairEncoding.Read("#version: 0.2\ni r\n").Apply("  irox  \n"));
    }

    [SkippableTheory]
    [InlineData("train.de")]
    [InlineData("train.en")]
    [InlineData("valid.de")]
    [InlineData("valid.en")]
    [InlineData("test.2016.de")]
    [InlineData("test.2016.en")]
    public void Multi30k_encoded_by_its_codes_is_the_published_file(string file)
    {
        var lines = TextReference.Lines($"multi30k-bpe/{file}.gz");
        var encoding = BytePairEncoding.Read(string.Join('\n', TextReference.Lines("multi30k-bpe/code.gz")));
        Assert.Equal(lines, lines.Select(line => encoding.Apply(BytePairEncoding.Join(line))));
    }

    [SkippableFact]
    public void Ten_thousand_codes_learned_from_Multi30k_are_the_published_ones()
    {
        var text = TextReference.Lines("multi30k-bpe/train.en.gz").Concat(TextReference.Lines("multi30k-bpe/train.de.gz")).Select(BytePairEncoding.Join);
        Assert.Equal(TextReference.Lines("multi30k-bpe/code.gz"), BytePairEncoding.Learn(text, 10_000).Write().TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void Learning_ends_where_no_pair_is_left()
    {
        Assert.Equal(("a", "b</w>"), Assert.Single(BytePairEncoding.Learn(["ab ab ab"], 100).Codes));
        Assert.Empty(BytePairEncoding.Learn(["ab"], 100).Codes);
        Assert.Empty(BytePairEncoding.Learn(["a a a", ""], 100, minFrequency: 1).Codes);
        Assert.Empty(BytePairEncoding.Learn(["ab ab"], 0).Codes);
    }

    [Theory]
    [InlineData("#version: 0.2\na b\na b c\n", "line 3 is 'a b c'")]
    [InlineData("", "line 1")]
    [InlineData("#version: 0.2 byte\na b\n", "'0.2 byte'")]
    public void What_is_no_file_of_codes_is_refused(string text, string said) =>
        Assert.Contains(said, Assert.Throws<BadInputException>(() => BytePairEncoding.Read(text)).Message, StringComparison.Ordinal);
}
