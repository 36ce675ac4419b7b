using System.Globalization;
using System.Security.Cryptography;

namespace Repro.Results.Runs;

/// <summary>Names of runs: <c>resnet-quick-20260714-093012-4f2a</c> (experiment, profile, UTC time of creation, four random digits).</summary>
public static class RunId
{
    public static string Create(string experiment, string profile, DateTimeOffset now) =>
        string.Create(CultureInfo.InvariantCulture, $"{experiment}-{profile}-{now.UtcDateTime:yyyyMMdd-HHmmss}-{RandomNumberGenerator.GetHexString(4, lowercase: true)}");

    /// <summary>The UTC second of creation, as text in the order of time; the id itself where it was not made by <see cref="Create"/>.</summary>
    public static string Second(string id)
    {
        var parts = id.Split('-');
        return parts.Length >= 5 && parts[^3].Length == 8 && parts[^2].Length == 6 ? $"{parts[^3]}-{parts[^2]}" : id;
    }
}
