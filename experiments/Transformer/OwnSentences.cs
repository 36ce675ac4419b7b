using System.Text.RegularExpressions;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Training;
using Repro.Training.Checkpoints;
using Repro.Training.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Transformer;

/// <summary>How <c>repro sample</c> translates; what is not given is as in the run.</summary>
public sealed record TranslationSampling
{
    /// <summary>The widest beam.</summary>
    public const int MostBeam = 256;

    [Option("Hypotheses a sentence; 1 is greedy.", Min = 1, Max = MostBeam, Source = "evaluate.sh; 4 in section 6.1")]
    public int Beam { get; init; } = 5;

    [Option("By what the log-probability of a hypothesis is divided.", Source = "fairseq; section 6.1 has gnmt")]
    public LengthNormalization LengthNormalization { get; init; } = LengthNormalization.Length;

    [Option("Exponent of that divisor; 0 divides by nothing.", Min = 0, Max = 10, Source = "fairseq's default; 0.6 in section 6.1")]
    public double LengthPenalty { get; init; } = 1;
}

/// <summary>
/// A person's own sentences, made like those of the data: small letters, punctuation apart, words cut into the pieces that were learned. The data set must be at hand: it holds
/// the codes and the words that number the symbols.
/// </summary>
internal static partial class OwnSentences
{
    /// <summary>Hypotheses of each sentence, the best first, and how the first one looks at its source.</summary>
    public static IReadOnlyList<OwnTranslation> Translate(TransformerOptions options, RunContext context, Checkpoint trained, IReadOnlyList<string> texts, TranslationSampling how)
    {
        using var without = no_grad();
        var (data, device) = (TranslationData.Open(options, context), Devices.Select(context.Device));
        using var model = TransformerTask.Build(options, data, seed: 0, CPU);
        trained.LoadResult(model);
        // The result is the averaged parameters, which are complete with the last step.
        if (trained.Step >= options.Steps) foreach (var (name, parameter) in model.named_parameters()) trained.LoadState(ParameterAverage.Prefix + name, parameter);
        model.to(device);
        model.eval();
        var sources = texts.Select(text => Symbols(data, text)).ToList();
        var search = new BeamSearch(model, device, how.Beam, how.LengthNormalization, how.LengthPenalty);
        return [.. sources.Zip(search.TranslateAll(sources)).Select((pair, i) => new OwnTranslation(
            pair.First.Count(symbol => symbol == PieceVocabulary.Unknown), pair.Second,
            [.. pair.Second.Select(one => TranslationEvaluation.Written(BytePairEncoding.Join(data.Vocabulary.Line(one.Symbols))))],
            AttentionMap.Draw(model, data, pair.First, pair.Second[0].Symbols, device, $"attention-{i + 1}")))];
    }

    /// <summary>The symbols of a sentence as the data would have it.</summary>
    /// <exception cref="BadInputException">There is nothing to translate, or too much.</exception>
    internal static int[] Symbols(TranslationData data, string text)
    {
        var line = data.Pieces is { } pieces ? pieces.Apply(Tokenize(text)) : text;
        var symbols = data.Vocabulary.Numbers(line);
        if (symbols.Length == 0) throw new BadInputException("An empty sentence cannot be translated; give one with --text \"a man rides a bike .\".");
        // A translation has its start, or its end, besides.
        const int Most = PositionalEncoding.Places - BeamSearch.LongerThanSource - 1;
        if (symbols.Length > Most)
        {
            throw new BadInputException(
                $"A sentence may have up to {Most} symbols, so that there are places for a translation that is {BeamSearch.LongerThanSource} longer; " +
                $"this one has {symbols.Length}. Divide it.");
        }
        return symbols;
    }

    /// <summary>Small letters; punctuation and the endings behind an apostrophe apart; &, ' and " escaped as Moses escapes them.</summary>
    internal static string Tokenize(string text)
    {
        var apart = Punctuation().Replace(text.ToLowerInvariant().Replace('’', '\''), " $0 ");
        apart = LastFullStop().Replace(apart, " . ");
        apart = Ending().Replace(apart, " '$1");
        apart = apart.Replace("&", "&amp;", StringComparison.Ordinal).Replace("'", "&apos;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal);
        return string.Join(' ', apart.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    [GeneratedRegex("[,;:!?\"()\\[\\]]")]
    private static partial Regex Punctuation();

    // A full stop inside a sentence may belong to a number or an abbreviation.
    [GeneratedRegex("\\.\\s*$")]
    private static partial Regex LastFullStop();

    [GeneratedRegex("(?<=[a-z])'(s|re|ve|ll|d|m|t)\\b")]
    private static partial Regex Ending();
}

/// <param name="Unknown">Symbols of the source that the model has never seen.</param>
/// <param name="Texts">The hypotheses as people write, the best first.</param>
/// <param name="Attention">How the best hypothesis looks at the source.</param>
internal sealed record OwnTranslation(int Unknown, IReadOnlyList<Hypothesis> Hypotheses, IReadOnlyList<string> Texts, Figures.Figure Attention);
