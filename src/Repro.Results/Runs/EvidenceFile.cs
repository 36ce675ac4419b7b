using System.IO.Enumeration;

namespace Repro.Results.Runs;

/// <summary>The files in which a run keeps what it said of the examples of a split, and what it drew and wrote: figures are drawn from them and scores computed again.</summary>
public static class EvidenceFile
{
    /// <summary>What a file of <see cref="StoredPredictions"/> is called, whatever its split.</summary>
    public const string AnyPredictions = "predictions-*.safetensors";

    /// <summary>What a file of samples, texts and translations is called, whatever its split.</summary>
    public const string AnySamples = "samples-*.json";

    public static string Predictions(string split) => AnyPredictions.Replace("*", split, StringComparison.Ordinal);

    public static string Samples(string split) => AnySamples.Replace("*", split, StringComparison.Ordinal);

    /// <summary>Whether a file is called like one of them. Checkpoints, which are large, have other names.</summary>
    public static bool Is(string file) => Path.GetFileName(file) is var name
        && (FileSystemName.MatchesSimpleExpression(AnyPredictions, name, ignoreCase: false) || FileSystemName.MatchesSimpleExpression(AnySamples, name, ignoreCase: false));
}
