using System.Runtime.InteropServices;
using Repro.Experiments.Text;
using Repro.Studies.Randomness;
using Repro.Training;
using static TorchSharp.torch;

namespace Repro.Experiments.Lstm;

/// <summary>What a trained model writes, and says of texts that it is given.</summary>
internal static class LstmWriting
{
    private const int Prompts = 4, PromptWords = 6, MostWordsOfALine = 40, MostNamed = 5;

    /// <summary>Text that goes on from <paramref name="prompt"/>, word by word; without the prompt.</summary>
    /// <param name="members">So many of the ensemble are averaged.</param>
    /// <param name="prompt">Words by number, at least one.</param>
    /// <param name="count">So many texts, each with random numbers of its own.</param>
    /// <param name="index">Of the prompt among those of a request.</param>
    public static int[][] Continue(LstmEnsemble model, int members, int[] prompt, int count, LstmSampling sampling, ulong seed, int index, Device device)
    {
        using var without = no_grad();
        using var reading = model.Read(members, count);
        var numbers = Enumerable.Range(0, count).Select(one => new Philox(seed, RandomPurpose.Report, ((long)index << 32) + one)).ToArray();
        var written = Enumerable.Range(0, count).Select(_ => new int[sampling.Length]).ToArray();
        var last = Array.ConvertAll(prompt, word => (long)word).SelectMany(word => Enumerable.Repeat(word, count)).ToArray();
        for (var at = 0; at < sampling.Length; at++)
        {
            using var words = tensor(last, [last.Length / count, count], device: device);
            using var next = reading.Next(words, NextSymbol.Divisor(sampling.Temperature));
            using var probabilities = next.exp_();
            using var here = probabilities.cpu();
            var rows = MemoryMarshal.Cast<byte, float>(here.bytes);
            last = new long[count];
            for (var one = 0; one < count; one++)
                last[one] = written[one][at] = NextSymbol.Draw(rows.Slice(one * (rows.Length / count), rows.Length / count), sum: 1, sampling.Temperature, ref numbers[one]);
        }
        return written;
    }

    /// <summary>For a run's report: how the first lines of the validation text go on from their seventh word, as the model writes it and as it really is.</summary>
    public static TextSamples OfValidation(LstmEnsemble model, int members, LstmText text, ulong seed, Device device)
    {
        var sampling = new LstmSampling { Length = MostWordsOfALine };
        var items = Lines(text).Select((line, index) =>
        {
            var (prompt, rest) = (line[..(PromptWords + 1)], line[(PromptWords + 1)..]);
            var written = Continue(model, members, prompt, 1, sampling, seed, index, device)[0];
            var end = text.Vocabulary.End is { } symbol ? Array.IndexOf(written, symbol) : -1;
            return new TextSample(Text(text, prompt[1..]), Text(text, end < 0 ? written : written[..end]), Text(text, rest));
        });
        return new TextSamples(
            "written", "Text that the model wrote",
            $"Sampled word by word (temperature 1) from the first {PromptWords} words of lines of the validation text, to the end of the line or {MostWordsOfALine} words: " +
            "the first lines that are long enough, none chosen. Beside it how the line really goes on.",
            [.. items]);
    }

    /// <summary>How well the words of a person's text are predicted, each from those before it, and what comes next.</summary>
    public static TextPrediction Predict(LstmEnsemble model, int members, WordVocabulary vocabulary, string given, Device device)
    {
        using var without = no_grad();
        var words = Given(vocabulary, given);
        var loss = words.Length > 1 ? LstmEvaluation.Loss(model, members, words, 1, device) : double.NaN;
        using var reading = model.Read(members, 1);
        using var text = LstmText.Streams(words, 1, device);
        using var next = reading.Next(text);
        using var here = next.exp().cpu();
        var classes = here.data<float>().ToArray().Select((p, word) => (vocabulary.Words[word] == WordVocabulary.EndOfLine ? "end of line" : vocabulary.Words[word], (double)p))
            .OrderByDescending(pair => pair.Item2).Take(10).ToList();
        var metrics = words.Length > 1 ? new Dictionary<string, double> { ["perplexity"] = Math.Exp(loss) } : [];
        // Where nothing stands for unknown words, such texts are refused.
        if (vocabulary.Number(WordVocabulary.Unknown) is not null) metrics["unknown_words"] = vocabulary.UnknownOf(WordVocabulary.Split(given)).Count;
        return new TextPrediction(null, classes, metrics) { Warnings = Warnings(vocabulary, given) };
    }

    /// <summary>A person's text as a model reads it: after the end of a line, where there are lines.</summary>
    /// <exception cref="Studies.BadInputException">It has no word.</exception>
    public static int[] Given(WordVocabulary vocabulary, string text) => string.IsNullOrWhiteSpace(text)
        ? throw new Studies.BadInputException("An empty text has nothing to go on from; give at least one word.")
        : vocabulary.Numbers([.. Beginning(vocabulary), .. WordVocabulary.Split(text)]);

    /// <summary>What a model begins with that is given nothing: the end of a line; where there are no lines, the first word.</summary>
    public static int[] Begin(WordVocabulary vocabulary) => [vocabulary.End ?? 0];

    /// <summary>What a person should know of the words of a text: those that the model does not know.</summary>
    public static IReadOnlyList<string> Warnings(WordVocabulary vocabulary, string text)
    {
        var unknown = vocabulary.UnknownOf(WordVocabulary.Split(text));
        var different = unknown.Distinct().ToList();
        return unknown.Count == 0 ? [] :
        [
            $"The run's data have no word for {unknown.Count} of the words of \"{text}\": {string.Join(", ", different.Take(MostNamed).Select(word => $"'{word}'"))}{(different.Count > MostNamed ? $" and {different.Count - MostNamed} others" : "")}; " +
            $"the model reads each as {WordVocabulary.Unknown}, which is a frequent word of its data and easily predicted.",
        ];
    }

    public static string Text(LstmText text, int[] words) => text.Vocabulary.Text(words);

    private static string[] Beginning(WordVocabulary vocabulary) => vocabulary.End is null ? [] : [WordVocabulary.EndOfLine];

    // Each with the word before it, which is an end of line where there are such; lines of a text without ends are equal pieces.
    private static List<int[]> Lines(LstmText text)
    {
        var (words, lines) = (text.Words(Splits.Validation), new List<int[]>());
        var end = text.Vocabulary.End;
        for (var at = end is { } first ? Array.IndexOf(words, first) : 0; at >= 0 && lines.Count < Prompts;)
        {
            var after = end is { } next ? Array.IndexOf(words, next, at + 1) : at + MostWordsOfALine;
            if (after < 0 || after > words.Length) break;
            if (after - at > PromptWords + 1) lines.Add(words[at..after]);
            at = after;
        }
        return lines;
    }
}
