using Repro.Experiments.Text;
using Repro.Training;
using Repro.Training.Datasets;
using static TorchSharp.torch;

namespace Repro.Experiments.Lstm;

/// <summary>The words of a run by number: train and validation at once, test when it is first asked for.</summary>
/// <param name="vocabulary">Of the whole training text.</param>
/// <param name="test">Reads the test text; not called before it is needed, and throws where test is sealed.</param>
public sealed class LstmText(WordVocabulary vocabulary, int[] train, int[] validation, Func<int[]> test)
{
    /// <summary>Words of Penn Treebank's training text, ends of lines counted.</summary>
    public const int TreebankWords = 929_589;

    /// <summary>Symbols of the generated training text.</summary>
    public const int GeneratedSymbols = 60_000;

    /// <summary>Symbols of each generated text that is held out.</summary>
    public const int GeneratedHeldOut = 10_000;

    /// <summary>The generated task.</summary>
    public static MarkovSource Source { get; } = new(symbols: 8, reach: 2, spread: 1.5);

    public WordVocabulary Vocabulary => vocabulary;

    /// <summary>The text of a split, word by word.</summary>
    public int[] Words(string split) => split switch { Splits.Train => train, Splits.Validation => validation, _ => test() };

    /// <exception cref="Studies.MissingComponentException">The data set is not on this machine.</exception>
    public static LstmText Open(LstmOptions options, RunContext context)
    {
        var text = options.Data == "generated" ? Generate() : Treebank(context);
        return options.TrainWords == 0 ? text : text.First(options.TrainWords);
    }

    /// <summary>What is wrong with the options together; null where nothing is.</summary>
    public static string? Complaint(LstmOptions options) => TrainingWords(options) / options.BatchSize > options.Unroll ? LstmSchedule.Complaint(options, TrainingWords(options))
        : $"{TrainingWords(options):N0} words in batch_size={options.BatchSize} streams make none longer than unroll={options.Unroll}. " +
          "Raise train_words, or lower batch_size or unroll.";

    /// <summary>Words that a run with these options trains on, known without its data.</summary>
    public static int TrainingWords(LstmOptions options)
    {
        var all = options.Data == "generated" ? GeneratedSymbols : TreebankWords;
        return options.TrainWords == 0 ? all : Math.Min(all, options.TrainWords);
    }

    /// <summary>
    /// The text as streams side by side, steps x streams (int64): stream i is the i-th of equally long pieces, one after another in the text. The
    /// remainder at the end, fewer words than there are streams, is left out.
    /// </summary>
    public static Tensor Streams(int[] words, int streams, Device device)
    {
        var length = words.Length / streams;
        using var rows = tensor(Array.ConvertAll(words[..(length * streams)], word => (long)word), [streams, length]);
        using var columns = rows.transpose(0, 1);
        using var side = columns.contiguous();
        return side.to(device, copy: true).DetachFromDisposeScope();
    }

    private LstmText First(int words) => new(vocabulary, train.Length <= words ? train : train[..words], validation, test);

    private static LstmText Treebank(RunContext context)
    {
        var dataset = DatasetRegistry.Find("ptb").LoadTexts(context.Data);
        var train = WordVocabulary.Split(dataset.Train["ptb.train.txt"]).ToList();
        var vocabulary = new WordVocabulary(train);
        return new LstmText(
            vocabulary, vocabulary.Numbers(train), vocabulary.Numbers(WordVocabulary.Split(dataset.Validation["ptb.valid.txt"])),
            () => vocabulary.Numbers(WordVocabulary.Split(dataset.Test["ptb.test.txt"])));
    }

    private static LstmText Generate() => new(new WordVocabulary(Source.Symbols), Source.Text(GeneratedSymbols, 0), Source.Text(GeneratedHeldOut, 1), () => Source.Text(GeneratedHeldOut, 2));
}
