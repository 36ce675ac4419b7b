using System.IO.Compression;
using System.Text;
using Repro.Shared;
using Repro.Studies.Formats;

namespace Repro.Cli.Tests.Verbs;

public sealed class BpeVerbTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public BpeVerbTests() => File.WriteAllText(At("text"), "low low lower\nnewest  newest\n\n");

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Codes_that_are_learned_encode_a_text_and_bring_it_back()
    {
        var learned = _cli.Bare("bpe", "learn", At("text"), "--merges", "3", "-o", At("codes"), "--json");
        Assert.Equal((0, At("codes"), 3), (learned.Code, (string)learned.Last["codes"]!, (int)learned.Last["merges"]!));
        // By hand: "w e" and "l o" stand in three words each, and of equals the one that sorts last goes first; then "we s" stands in two, as others do that sort before it.
        Assert.Equal("#version: 0.2\nw e\nl o\nwe s\n", File.ReadAllText(At("codes")));
        var encoded = _cli.Bare("bpe", "apply", At("text"), "--codes", At("codes"));
        Assert.Equal((0, "lo@@ w lo@@ w lo@@ we@@ r\nn@@ e@@ wes@@ t n@@ e@@ wes@@ t\n\n"), (encoded.Code, encoded.Out));
        Assert.Equal(3, (int)_cli.Bare("bpe", "apply", At("text"), "-c", At("codes"), "-o", At("encoded"), "--json").Last["lines"]!);
        Assert.Equal("low low lower\nnewest newest\n\n", _cli.Bare("bpe", "apply", At("encoded"), "--join").Out);
    }

    [Fact]
    public void A_packed_text_is_read_like_a_plain_one()
    {
        using (var packed = new GZipStream(File.Create(At("text.gz")), CompressionMode.Compress)) packed.Write("low low lower\nnewest newest\n"u8);
        Assert.Equal(0, _cli.Bare("bpe", "learn", At("text.gz"), "-o", At("a")).Code);
        _cli.Bare("bpe", "learn", At("text"), "-o", At("b"));
        Assert.Equal(File.ReadAllText(At("b")), File.ReadAllText(At("a")));
    }

    [Fact]
    public void A_packed_text_that_was_cut_off_is_refused()
    {
        using (var packed = new GZipStream(File.Create(At("text.gz")), CompressionMode.Compress)) packed.Write(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 999).Select(i => $"low{i * i} "))));
        var whole = File.ReadAllBytes(At("text.gz"));
        File.WriteAllBytes(At("text.gz"), whole[..(whole.Length / 2)]);
        var result = _cli.Bare("bpe", "learn", At("text.gz"), "-o", At("codes"));
        Assert.Equal((2, false), (result.Code, File.Exists(At("codes"))));
        Assert.Contains("ends too early", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_gzip_file_in_spite_of_its_name_is_called_so()
    {
        File.Copy(At("text"), At("text.gz"));
        var result = _cli.Bare("bpe", "learn", At("text.gz"), "-o", At("codes"));
        Assert.Equal((2, false), (result.Code, File.Exists(At("codes"))));
        Assert.Contains($"{At("text.gz")} ends with .gz, and is no gzip file", result.Error, StringComparison.Ordinal);
        File.WriteAllBytes(At("text.gz"), [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff, 0xff]);
        Assert.Contains("is a damaged gzip file", _cli.Bare("bpe", "learn", At("text.gz"), "-o", At("codes")).Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_pipe_is_written_into_and_stays_one()
    {
        Skip.IfNot(NamedPipe.Make(At("pipe")), "there is no mkfifo here");
        using var pipe = NamedPipe.Open(At("pipe"));
        Assert.Equal(0, _cli.Bare("bpe", "learn", At("text"), "--merges", "1", "-o", At("pipe")).Code);
        Assert.Equal("#version: 0.2\nw e\n", Read(18));
        _cli.Bare("bpe", "learn", At("text"), "--merges", "1", "-o", At("codes"));
        Assert.Equal(0, _cli.Bare("bpe", "apply", At("text"), "--codes", At("codes"), "-o", At("pipe")).Code);
        Assert.Equal("l@@ o@@ w", Read(9));

        string Read(int bytes)
        {
            // A file in its place would leave the pipe empty, and reading it would not end.
            Assert.Equal("a pipe", RegularFile.OtherKind(At("pipe")));
            var read = new byte[bytes];
            pipe.ReadExactly(read);
            return Encoding.UTF8.GetString(read);
        }
    }

    [Fact]
    public void A_link_is_followed_and_stays()
    {
        File.WriteAllText(At("shared"), "earlier");
        File.CreateSymbolicLink(At("link"), "shared");
        Assert.Equal(0, _cli.Bare("bpe", "learn", At("text"), "--merges", "1", "-o", At("link")).Code);
        Assert.Equal(("shared", "#version: 0.2\nw e\n"), (new FileInfo(At("link")).LinkTarget, File.ReadAllText(At("shared"))));
    }

    [SkippableFact]
    public void Where_no_file_can_be_made_one_sentence_says_so()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux has /proc, which takes no files");
        var result = _cli.Bare("bpe", "learn", At("text"), "-o", "/proc/codes");
        Assert.Equal((1, 1), (result.Code, result.Error.TrimEnd('\n').Split('\n').Length));
        Assert.Contains("Cannot write /proc/codes: ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Unexpected", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_does_not_fit_into_memory_is_said_to_be_the_text()
    {
        _cli.Change = parts => parts with { In = () => new TooLargeStream() };
        var result = _cli.Bare("bpe", "learn", "-", "-o", At("codes"));
        Assert.Equal(1, result.Code);
        Assert.Contains("There is not enough memory for a text", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("model", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void One_is_counted_as_one()
    {
        File.WriteAllText(At("line"), "low\n");
        Assert.Contains("codes: 1 merge.", _cli.Bare("bpe", "learn", At("text"), "--merges", "1", "-o", At("codes")).Out, StringComparison.Ordinal);
        Assert.Contains("codes: 2 merges; no other pair occurs 1 time.", _cli.Bare("bpe", "learn", At("line"), "--min-frequency", "1", "-o", At("codes")).Out, StringComparison.Ordinal);
        Assert.Contains("encoded: 1 line.", _cli.Bare("bpe", "apply", At("line"), "--codes", At("codes"), "-o", At("encoded")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_read_by_another_name_is_not_overwritten_either()
    {
        Directory.CreateDirectory(At("deep"));
        File.CreateSymbolicLink(At("deep/link"), "../text");
        Directory.CreateSymbolicLink(At("also"), ".");
        foreach (var (read, written) in new[] { ("deep/link", "text"), ("text", "deep/link"), ("also/text", "text"), ("text", "also/also/text") })
            Assert.Contains("would overwrite what is read", _cli.Bare("bpe", "learn", At(read), "-o", At(written)).Error, StringComparison.Ordinal);
        Assert.StartsWith("low low lower", File.ReadAllText(At("text")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dash_is_standard_input()
    {
        _cli.Bare("bpe", "learn", At("text"), "--merges", "3", "-o", At("codes"));
        _cli.Change = parts => parts with { In = () => new MemoryStream("low\n"u8.ToArray()) };
        Assert.Equal((0, "lo@@ w\n"), _cli.Bare("bpe", "apply", "-", "--codes", At("codes")) is var encoded ? (encoded.Code, encoded.Out) : default);
    }

    [Theory]
    [InlineData("There is no file", "learn", "absent", "-o", "codes")]
    [InlineData("--merges takes a whole number from 1; it was 0.", "learn", "text", "-o", "codes", "--merges", "0")]
    [InlineData("is a folder", "learn", "text", "-o", ".")]
    [InlineData("is a folder; name text files", "learn", ".", "-o", "codes")]
    [InlineData("stands for standard input", "learn", "text", "-o", "-")]
    [InlineData("there is nothing to merge", "learn", "text", "-o", "codes", "--min-frequency", "9")]
    [InlineData("Encoding needs --codes FILE", "apply", "text")]
    [InlineData("--join needs no codes", "apply", "text", "--join", "--codes", "text")]
    [InlineData("line 1 is 'low low lower'", "apply", "text", "--codes", "text")]
    [InlineData("name a file for the text with -o", "apply", "text", "--join", "--json")]
    [InlineData("would overwrite what is read", "learn", "text", "-o", "text")]
    [InlineData("there is no such folder", "learn", "text", "-o", "codes/deeper/still")]
    [InlineData("Text is read as UTF-8", "learn", "latin", "-o", "codes")]
    public void What_cannot_be_done_is_said(string said, params string[] arguments)
    {
        File.WriteAllBytes(At("latin"), [0x66, 0xfc, 0x72]);
        var result = _cli.Bare(["bpe", .. arguments.Select(a => a is "text" or "absent" or "codes" or "." or "latin" or "codes/deeper/still" ? At(a) : a)]);
        Assert.Equal(2, result.Code);
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(At("codes")));
    }

    private sealed class TooLargeStream : MemoryStream
    {
#pragma warning disable CA2201 // What the runtime throws is what is meant.
        public override int Read(Span<byte> buffer) => throw new OutOfMemoryException();

        public override int Read(byte[] buffer, int offset, int count) => throw new OutOfMemoryException();
#pragma warning restore CA2201
    }

    private string At(string path) => Path.GetFullPath(Path.Combine(_cli.Runs, path));
}
