using System.Security.Cryptography;
using System.Text;
using Repro.Figures;

namespace Repro.Training;

/// <summary>Texts that a model wrote.</summary>
/// <param name="Name">kebab-case; differs from others of the same evaluation.</param>
/// <param name="Title">One line: <c>Translations of the first test sentences</c>.</param>
/// <param name="Caption">How they were made: temperature, beam, length, and which were chosen by what rule.</param>
public sealed record TextSamples(string Name, string Title, string Caption, IReadOnlyList<TextSample> Items)
{
    /// <summary>Each text goes on where its prompt ends, without anything between them; otherwise it answers it, as a translation does.</summary>
    public bool Continues { get; init; }
}

/// <param name="Prompt">What the model was given; empty where it began by itself.</param>
/// <param name="Text">What it wrote, without the prompt.</param>
/// <param name="Reference">What a person wrote for the same prompt; null where nobody did.</param>
public sealed record TextSample(string Prompt, string Text, string? Reference = null);

/// <summary>All that a model translated of a split, from which its scores can be computed again; <see cref="TextSamples"/> show a few of them.</summary>
/// <param name="References">
/// <see cref="Digest"/> of what they were scored against. The references themselves stay with their data set: they are others' work, and not every licence lets them be handed on.
/// </param>
/// <param name="Lines">One for each sentence, in the split's order: the tokens that were scored, a space between two.</param>
public sealed record Translations(string References, IReadOnlyList<string> Lines)
{
    /// <summary>SHA-256 of lines in UTF-8, a line feed after each; lower-case hex.</summary>
    public static string Digest(IEnumerable<string> lines) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")))));
}

/// <summary>What the trained result of a run drew and wrote when a split was evaluated.</summary>
/// <param name="Step">When.</param>
public sealed record SampleSet(string Split, long Step, IReadOnlyList<Figure> Figures, IReadOnlyList<TextSamples> Texts)
{
    /// <summary>Null where the model translates nothing, and of runs from before translations were kept.</summary>
    public Translations? Translations { get; init; }
}

/// <summary>What a person wants sampled from a trained run.</summary>
/// <param name="Texts">Beginnings to go on from, or sentences to translate; empty: none given.</param>
/// <param name="Count">Samples of each text, or in all where there are no texts; at least 1.</param>
/// <param name="Options">Of the type of <see cref="Experiment.SampleOptions(object)"/>.</param>
public sealed record SampleRequest(IReadOnlyList<string> Texts, int Count, object Options)
{
    /// <summary>Whether a person gave the count: where it would change nothing, that is refused.</summary>
    public bool CountIsGiven { get; init; }
}

/// <summary>What was sampled.</summary>
public sealed record SampleResult(IReadOnlyList<Figure> Figures, IReadOnlyList<TextSamples> Texts)
{
    /// <summary>Sentences for a person on what was asked for: words that the model does not know.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>What a trained run says of one text of a person's own.</summary>
/// <param name="Answer">A translation, for instance; null where the experiment gives none.</param>
/// <param name="Classes">What may come next, or what the text is, most probable first; empty where that is no question.</param>
/// <param name="Metrics">Measured on the text: <c>perplexity</c>; by name.</param>
public sealed record TextPrediction(string? Answer, IReadOnlyList<(string Class, double Probability)> Classes, IReadOnlyDictionary<string, double> Metrics)
{
    /// <inheritdoc cref="SampleResult.Warnings"/>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
