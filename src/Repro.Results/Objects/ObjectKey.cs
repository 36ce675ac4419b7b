using System.Text;
using Repro.Studies;
using Repro.Studies.Formats;

namespace Repro.Results.Objects;

/// <summary>
/// The rule for keys, the narrower of what file systems and S3 take: names with <c>/</c> between, none of them empty, <c>.</c> or <c>..</c>, of at most 200
/// bytes each and 800 in all, without control characters. Case counts.
/// </summary>
internal static class ObjectKey
{
    private const int LongestName = 200, Longest = 800;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <exception cref="BadInputException">It breaks the rule.</exception>
    public static string Require(string key) => Fault(key) is { } fault
        ? throw new BadInputException($"'{Shown(key)}' is no key of an object: {fault}. Keys are names with / between, as sweeps/lr/12-0/attempt-1/step-000000400.safetensors.")
        : key;

    /// <summary>Why no key, or path within a bundle, can be written so; null where it can.</summary>
    public static string? Fault(string key)
    {
        if (key.Any(char.IsControl)) return "it has a control character";
        try
        {
            if (Strict.GetByteCount(key) > Longest) return $"it is longer than {Longest} bytes";
            foreach (var name in key.Split('/'))
            {
                if (name is "") return "a name in it is empty";
                if (name is "." or "..") return $"'{name}' in it is no name";
                if (Strict.GetByteCount(name) > LongestName) return $"a name in it is longer than {LongestName} bytes";
                if (name.EndsWith(DurableStorage.PartialSuffix, StringComparison.Ordinal)) return $"names that end with {DurableStorage.PartialSuffix} are those of unfinished files";
            }
            return null;
        }
        catch (EncoderFallbackException)
        {
            return "it is no text: half of a pair of surrogates stands alone in it";
        }
    }

    private static string Shown(string key) => string.Concat(key.Take(120).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
}
