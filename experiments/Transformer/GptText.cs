using System.Text;
using Repro.Experiments.Text;
using Repro.Studies;
using Repro.Training;
using Repro.Training.Datasets;

namespace Repro.Experiments.Transformer;

/// <summary>The characters of a run by number. There is no test text: nanoGPT divides tiny-shakespeare in two, and so does this.</summary>
internal sealed class GptText
{
    /// <summary>Registry name of nanoGPT's data.</summary>
    public const string Shakespeare = "tiny-shakespeare";

    // The 65 characters of tiny-shakespeare in nanoGPT's order, which is that of their codes.
    private const string ShakespeareAlphabet = "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private const int GeneratedTrain = 100_000, GeneratedValidation = 10_000;

    private static readonly Lazy<MarkovSource> Generator = new(() => new MarkovSource(symbols: 6, reach: 4, spread: 2));

    private readonly string _alphabet;
    private readonly Dictionary<char, int> _numbers;

    internal GptText(string alphabet, string train, string validation)
    {
        (_alphabet, _numbers) = (alphabet, Numbering(alphabet));
        (Train, Validation) = (Numbers(train), Numbers(validation));
    }

    /// <summary>The generated task: whoever sees only the last character, or does not know where characters stand, predicts worse than what is possible.</summary>
    public static MarkovSource Source => Generator.Value;

    public long[] Train { get; }

    public long[] Validation { get; }

    public int Characters => _alphabet.Length;

    /// <summary>The characters of a data set in the order of their numbers, known without it.</summary>
    public static string Alphabet(string data) => data == Shakespeare ? ShakespeareAlphabet : string.Concat(Source.Symbols);

    /// <exception cref="MissingComponentException">The data set is not on this machine.</exception>
    public static GptText Open(GptOptions options, RunContext context)
    {
        if (options.Data != Shakespeare) return new GptText(Alphabet(options.Data), Generated(GeneratedTrain, 0), Generated(GeneratedValidation, 1));
        var dataset = DatasetRegistry.Find(Shakespeare).LoadTexts(context.Data);
        return new GptText(ShakespeareAlphabet, dataset.Train["input.txt"], dataset.Validation["input.txt"]);
    }

    /// <summary>A text of the generated task.</summary>
    /// <param name="stream">Texts of different streams are independent.</param>
    internal static string Generated(int length, int stream) => string.Concat(Source.Text(length, stream).Select(symbol => Source.Symbols[symbol]));

    /// <summary>A text by the numbers of its characters.</summary>
    /// <exception cref="BadInputException">It has characters that the data set has not.</exception>
    public static long[] Numbers(string data, string text) => Numbers(Numbering(Alphabet(data)), text, data);

    private long[] Numbers(string text) => Numbers(_numbers, text, "the data set");

    private static Dictionary<char, int> Numbering(string alphabet) => alphabet.Index().ToDictionary(c => c.Item, c => c.Index);

    private static long[] Numbers(Dictionary<char, int> numbers, string text, string data)
    {
        // Whole characters: a person knows an emoji, not the two halves of it.
        var unknown = text.EnumerateRunes().Where(c => !c.IsBmp || !numbers.ContainsKey((char)c.Value)).Distinct().Order().ToArray();
        if (unknown.Length > 0)
            throw new BadInputException(
                $"A model of {data} knows its {numbers.Count} characters alone; " +
                $"the text has {string.Join(" ", unknown.Select(c => Rune.IsControl(c) ? $"U+{c.Value:X4}" : $"'{c}'"))} besides. Write it without.");
        return Array.ConvertAll(text.ToCharArray(), c => (long)numbers[c]);
    }
}
