using System.Buffers.Text;
using System.Text;
using Repro.Studies;

namespace Repro.Training.Datasets.Files;

/// <summary>
/// Reads UCI's optical recognition of handwritten digits (https://archive.ics.uci.edu/dataset/80): a line of 64 counts from 0 to 16, an 8 x 8 image, and the digit, with
/// commas between. Lines that begin with # are passed over.
/// </summary>
/// <remarks>
/// Copies go about whose training file ends after 2,999 of the 3,823 official records; they are the first ones, in the same order. So that every copy gives the same
/// data, the first 2,999 are what is read of any.
/// </remarks>
public static class OptdigitsFiles
{
    public static readonly ImageShape Shape = new(1, 8, 8) { Levels = 17 };

    public static readonly IReadOnlyList<string> Classes = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    /// <summary>Several times the official length.</summary>
    private const long LongestFile = 4_000_000;

    /// <param name="train">Records of the training split.</param>
    /// <param name="test">Records of the test split.</param>
    /// <exception cref="BadInputException">A file is missing, corrupt, short, or has a line that is no record.</exception>
    public static ImageDataset Read(DatasetFolder folder, int train = 2_999, int test = 1_797)
    {
        var (trainSplit, trainFile) = ReadSplit(folder, Splits.Train, "optdigits.tra", train);
        var (testSplit, testFile) = ReadSplit(folder, Splits.Test, "optdigits.tes", test);
        return new ImageDataset(folder.Dataset, folder.Path, Classes, [trainSplit, testSplit], [trainFile, testFile]);
    }

    private static (ImageSplit Split, FileChecksum File) ReadSplit(DatasetFolder folder, string split, string name, int records)
    {
        var (content, checksum) = folder.ReadUpTo(name, LongestFile);
        var (labels, pixels) = (new byte[records], new byte[records * Shape.Size]);
        var (record, line) = (0, 0);
        foreach (var range in content.AsSpan().Split((byte)'\n'))
        {
            if (record == records) break;
            var text = content.AsSpan(range).TrimEnd((byte)'\r');
            line++;
            if (text.IsEmpty || text[0] == '#') continue;
            if (!Parse(text, pixels.AsSpan(record * Shape.Size, Shape.Size), out labels[record]))
            {
                var shown = Encoding.Latin1.GetString(text[..Math.Min(text.Length, 60)]);
                throw folder.Refuse(folder.Find(name)!, "must hold 64 counts from 0 to 16 and a digit in a line", $"line {line} is '{shown}'");
            }
            record++;
        }
        if (record < records) throw folder.Refuse(folder.Find(name)!, $"must hold at least {records:N0} records", $"it has {record:N0}");
        return (ImageSplit.FromFileOrder(split, Shape, labels, pixels), checksum);
    }

    private static bool Parse(ReadOnlySpan<byte> text, Span<byte> counts, out byte digit)
    {
        digit = 0;
        var at = 0;
        foreach (var range in text.Split((byte)','))
        {
            var field = text[range];
            if (!Utf8Parser.TryParse(field, out byte value, out var used) || used != field.Length || at > counts.Length) return false;
            if (value > (at < counts.Length ? Shape.Levels - 1 : Classes.Count - 1)) return false;
            if (at < counts.Length) counts[at] = value;
            else digit = value;
            at++;
        }
        return at == counts.Length + 1;
    }
}
