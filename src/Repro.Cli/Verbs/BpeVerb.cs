using System.Buffers.Binary;
using System.CommandLine;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Formats;
using Repro.Training.Text;

namespace Repro.Cli.Verbs;

/// <summary><c>repro bpe</c>: learns codes of byte pair encoding from text, and encodes text with them.</summary>
internal static class BpeVerb
{
    private const string StandardInput = "-";

    public static Command Create(Surroundings surroundings) => new Verb(
        "bpe", "Learns byte pair encoding from tokenized text, and encodes text with it, in the form of subword-nmt. For text of your own: what experiments read is encoded already, and ./repro sample and predict encode what they are given.",
        "./repro bpe learn train.en train.de --merges 10000 -o codes", "./repro bpe apply test.en --codes codes -o test.bpe.en") { Learn(surroundings), Apply(surroundings) };

    private static Verb Learn(Surroundings surroundings)
    {
        var files = Files("Texts to learn from together: a line a sentence, spaces between tokens; names that end with .gz are unpacked, - is standard input, and a pipe is read until its writer ends");
        var merges = new Option<int>("--merges", "-m") { Description = "Pairs to merge, at least 1", HelpName = "N", DefaultValueFactory = _ => 10_000 };
        var least = new Option<int>("--min-frequency") { Description = "Pairs that occur less often are not merged", HelpName = "N", DefaultValueFactory = _ => 2 };
        var target = new Option<string>("--output", "-o") { Description = "File of codes to write; links are followed, and a pipe or a device is written into", HelpName = "FILE", Required = true };
        var verb = new Verb(
            "learn", "Learns codes: the pairs of symbols that are most frequent within words, merged one after the other.",
            "./repro bpe learn train.en train.de --merges 10000 -o codes", "./repro bpe learn train.en.gz -o codes --json") { files, merges, least, target };
        verb.SetAction(arguments =>
        {
            var output = new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json));
            var (asked, frequency) = (arguments.GetValue(merges), arguments.GetValue(least));
            if (asked < 1) throw new BadInputException($"--merges takes a whole number from 1; it was {asked}.");
            if (frequency < 1) throw new BadInputException($"--min-frequency takes a whole number from 1; it was {frequency}.");
            var file = Target(arguments.GetRequiredValue(target), "-o", arguments.GetRequiredValue(files));
            var encoding = InMemory(() => BytePairEncoding.Learn(arguments.GetRequiredValue(files).SelectMany(text => Lines(surroundings, text)), asked, frequency));
            if (encoding.Codes.Count == 0) throw new BadInputException($"No pair of symbols occurs {Words.Count(frequency, "time")} within words: there is nothing to merge. Give more text{(frequency > 1 ? ", or a lower --min-frequency" : "")}.");
            Write(file, codes => codes.Write(encoding.Write()));
            output.Say($"{file}: {Words.Count(encoding.Codes.Count, "merge")}{(encoding.Codes.Count < asked ? $"; no other pair occurs {Words.Count(frequency, "time")}" : "")}.");
            output.Result(new JsonObject { ["codes"] = file, ["merges"] = encoding.Codes.Count });
            return ExitCode.Done;
        });
        return verb;
    }

    private static Verb Apply(Surroundings surroundings)
    {
        var files = Files("Texts to encode, one after the other: a line a sentence, spaces between tokens; names that end with .gz are unpacked, - is standard input, and a pipe is read until its writer ends");
        var codes = new Option<string>("--codes", "-c") { Description = "File of codes, as ./repro bpe learn or subword-nmt writes it", HelpName = "FILE" };
        var join = new Option<bool>("--join") { Description = "The other way: from encoded text to words. Words that end with @@ themselves do not come back" };
        var target = new Option<string?>("--output", "-o") { Description = "File to write (default: standard output); links are followed, and a pipe or a device is written into", HelpName = "FILE" };
        var verb = new Verb(
            "apply", "Encodes text: words become the symbols that the codes make of them, all but a word's last one with @@ after it.",
            "./repro bpe apply test.en --codes codes -o test.bpe.en", "./repro bpe apply test.bpe.en --join -o test.en --json") { files, codes, join, target };
        verb.SetAction(arguments =>
        {
            var output = new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json));
            var (back, given, file) = (arguments.GetValue(join), arguments.GetValue(codes), arguments.GetValue(target));
            if (back == given is not null) throw new BadInputException(back ? "--join needs no codes; leave --codes out." : "Encoding needs --codes FILE, as ./repro bpe learn writes it (or --join, which needs none).");
            if (output.Json && file is null) throw new BadInputException("With --json standard output holds the result; name a file for the text with -o.");
            Func<string, string> change = back ? BytePairEncoding.Join : BytePairEncoding.Read(string.Join('\n', Lines(surroundings, given!))).Apply;
            var lines = arguments.GetRequiredValue(files).SelectMany(text => InMemory(() => Lines(surroundings, text))).Select(change);
            if (file is null)
            {
                foreach (var line in lines) surroundings.Out.Write(line + "\n");
                return ExitCode.Done;
            }
            var path = Target(file, "-o", [.. arguments.GetRequiredValue(files), .. given is null ? Array.Empty<string>() : [given]]);
            var count = 0;
            Write(path, text =>
            {
                foreach (var line in lines)
                {
                    text.Write(line + "\n");
                    count++;
                }
            });
            output.Say($"{path}: {Words.Count(count, "line")}.");
            output.Result(new JsonObject { ["file"] = path, ["lines"] = count });
            return ExitCode.Done;
        });
        return verb;
    }

    private static Argument<string[]> Files(string description) => new("FILE") { Description = description, Arity = ArgumentArity.OneOrMore };

    /// <summary>Only \n ends a line: other line ends of Unicode belong to words, as in subword-nmt.</summary>
    private static string[] Lines(Surroundings surroundings, string file)
    {
        var text = Text(surroundings, file);
        if (text.Length == 0) return [];
        return (text[^1] == '\n' ? text[..^1] : text).Split('\n');
    }

    private static string Text(Surroundings surroundings, string file)
    {
        if (file != StandardInput && !File.Exists(file)) throw new BadInputException(Directory.Exists(file) ? $"{Path.GetFullPath(file)} is a folder; name text files." : $"There is no file {Path.GetFullPath(file)}.");
        try
        {
            using Stream stream = file == StandardInput ? surroundings.In() : file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? Unpacked(file) : File.OpenRead(file);
            using var reader = new StreamReader(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{Path.GetFullPath(file)} cannot be read: {e.Message}", e);
        }
        catch (DecoderFallbackException e)
        {
            throw new BadInputException($"Text is read as UTF-8; {(file == StandardInput ? "standard input" : Path.GetFullPath(file))} is not ({e.Message.TrimEnd('.')}). Convert it with iconv, or unpack it first.", e);
        }
    }

    // A GZipStream takes the end of a file that was cut off for the end of the text; the last four bytes of a whole one say how long the text is.
    private static MemoryStream Unpacked(string file)
    {
        var packed = File.ReadAllBytes(file);
        if (packed is not [0x1f, 0x8b, ..]) // RFC 1952, section 2.3.1
            throw new BadInputException($"{Path.GetFullPath(file)} ends with .gz, and is no gzip file: it does not begin as such files do. Where it is plain text, give it a name without .gz; otherwise get it anew.");
        var text = new MemoryStream();
        try
        {
            using var unpacking = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
            unpacking.CopyTo(text);
        }
        catch (InvalidDataException e)
        {
            throw new BadInputException($"{Path.GetFullPath(file)} is a damaged gzip file ({e.Message.TrimEnd('.')}). Get it anew.", e);
        }
        if (packed.Length < 4 || BinaryPrimitives.ReadUInt32LittleEndian(packed.AsSpan(^4)) != (uint)text.Length)
            throw new BadInputException($"{Path.GetFullPath(file)} ends too early, or holds several packed texts. Get it anew, or unpack it first (gunzip).");
        text.Position = 0;
        return text;
    }

    /// <param name="read">Files that are read, and must stay.</param>
    private static string Target(string given, string option, IReadOnlyList<string> read)
    {
        if (given == StandardInput) throw new BadInputException($"{option} takes the name of a file; {StandardInput} stands for standard input, where texts are read.");
        var path = Path.GetFullPath(given);
        if (Directory.Exists(path)) throw new BadInputException($"{option} takes a file; {path} is a folder.");
        var folder = "";
        try
        {
            var real = RealPath.Of(path);
            folder = Path.GetDirectoryName(real) ?? real;
            // What is no regular file is written into, and takes nothing from who reads it: a terminal is both.
            if (RegularFile.OtherKind(path) is null && read.Any(file => file != StandardInput && RealPath.Of(file) == real)) throw new BadInputException($"{option} {given} would overwrite what is read; name another file.");
        }
        catch (IOException e)
        {
            throw new BadInputException($"{option} {given}, or what is read, is a link that leads nowhere: {e.Message}", e);
        }
        return Directory.Exists(folder) ? path : throw new BadInputException($"{option} {given} would lie in {folder}, and there is no such folder. Make it first, or name a file elsewhere.");
    }

    /// <summary>As <see cref="WholeFile"/> does: a file that is there already is not lost when the disk is full.</summary>
    private static void Write(string file, Action<TextWriter> content)
    {
        try
        {
            WholeFile.Write(file, stream =>
            {
                using var text = new StreamWriter(stream, leaveOpen: true);
                content(text);
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"Cannot write {file}: {(e is FileNotFoundException or DirectoryNotFoundException ? "no file can be made there" : StorageException.Reason(e))}.", e);
        }
    }

    /// <summary>Texts are held whole; there is no model here that could be made smaller.</summary>
    private static T InMemory<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (OutOfMemoryException e)
        {
            throw new InsufficientMemoryException("There is not enough memory for a text, which is held whole while it is learned from or encoded. Give it in parts (split -l makes some; codes are learned from some of the lines as well), or use a machine with more.", e);
        }
    }
}
