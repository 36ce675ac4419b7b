using System.Text;
using Repro.Studies.Randomness;
using Repro.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Transformer;

/// <summary>Text that a model writes, character by character.</summary>
internal static class GptWriting
{
    // Texts that are written side by side.
    private const int AtOnce = 64;

    /// <summary>What texts go on with.</summary>
    /// <param name="prompt">Numbers of the characters to go on from; at least one.</param>
    /// <param name="count">Texts, each with random numbers of its own. The n-th is the same whatever else is asked for.</param>
    /// <param name="index">Of the prompt among those of a request.</param>
    public static List<long[]> Continue(GptModel model, GptOptions options, long[] prompt, int count, GptSampling sampling, ulong seed, int index, Device device)
    {
        var texts = new List<long[]>();
        for (var first = 0; first < count; first += AtOnce)
        {
            var numbers = Enumerable.Range(first, Math.Min(AtOnce, count - first)).Select(i => new Philox(seed, RandomPurpose.Report, ((long)index << 32) + i)).ToArray();
            texts.AddRange(Batch(model, options, prompt, numbers, sampling, device));
        }
        return texts;
    }

    /// <summary>The first texts of a report: from a line break, as sample.py begins, where the data have one.</summary>
    public static TextSamples ForReport(GptModel model, GptOptions options, ulong seed, Device device)
    {
        var (sampling, alphabet) = (new GptSampling { Length = 300 }, GptText.Alphabet(options.Data));
        var texts = Continue(model, options, [0], 3, sampling, seed, index: 0, device);
        return new TextSamples(
            "written", "Text that the trained model wrote",
            $"{texts.Count} texts of {sampling.Length} characters after {(alphabet[0] == '\n' ? "a line break" : $"'{alphabet[0]}'")}, " +
            $"drawn at temperature {sampling.Temperature}; the first ones that were drawn, none chosen.",
            [.. texts.Select(text => new TextSample(alphabet[0] == '\n' ? "" : alphabet[..1], Text(alphabet, text)))]) { Continues = true };
    }

    public static string Text(string alphabet, IEnumerable<long> characters) => characters.Aggregate(new StringBuilder(), (text, c) => text.Append(alphabet[(int)c])).ToString();

    private static List<long[]> Batch(GptModel model, GptOptions options, long[] prompt, Philox[] numbers, GptSampling sampling, Device device)
    {
        var count = numbers.Length;
        using var without = no_grad();
        using var cache = new GptCache(options, count, device);
        var texts = Enumerable.Range(0, count).Select(_ => new List<long>(prompt)).ToList();
        for (var written = 0; written < sampling.Length; written++)
        {
            var logits = Next(model, cache, texts, options.Context, device);
            for (var i = 0; i < count; i++) texts[i].Add(sampling.Draw(logits.AsSpan(i * (logits.Length / count), logits.Length / count), ref numbers[i]));
        }
        return texts.ConvertAll(text => text.Skip(prompt.Length).ToArray());
    }

    /// <summary>Logits of what comes after each text, one text after another.</summary>
    // Departure: sample.py moves its window on by one character each time, and with learned places nothing of what is cached holds after that. Here a full cache is emptied and
    // begun anew with the last half of the context; up to the context both are the same.
    private static float[] Next(GptModel model, GptCache cache, List<List<long>> texts, int context, Device device)
    {
        using var scope = NewDisposeScope();
        if (cache.Length == context) cache.Clear();
        var length = texts[0].Count;
        var take = cache.Length > 0 ? 1 : length <= context ? length : Math.Max(1, context / 2);
        var characters = new long[texts.Count * take];
        for (var i = 0; i < texts.Count; i++) texts[i].CopyTo(length - take, characters, i * take, take);
        return model.Next(tensor(characters, [texts.Count, take], device: device), cache).to(ScalarType.Float32).cpu().data<float>().ToArray();
    }
}
