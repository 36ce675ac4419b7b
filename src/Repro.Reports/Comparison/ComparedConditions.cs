using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Repro.Reports.Runs;
using Repro.Results;

namespace Repro.Reports.Comparison;

/// <summary>Under what an attempt executed.</summary>
/// <param name="DirtyDiff">The uncommitted changes themselves; empty where there were none, or where they were not kept.</param>
public sealed record AttemptConditions(RunEnvironment Environment, string DirtyDiff);

/// <summary>Code, data and environment of two runs or sweeps, each over all attempts of theirs of which the conditions are known.</summary>
public static class ComparedConditions
{
    private const int ValuesShown = 3, FilesShown = 4, HashShown = 12;

    /// <summary>Commit, uncommitted changes, and the program's build.</summary>
    public static ComparedFacts Code(IReadOnlyList<AttemptConditions> a, IReadOnlyList<AttemptConditions> b)
    {
        if (Unknown(a, b) is { } unknown) return unknown;
        var compared = ComparedFacts.Of(Facts(a), Facts(b));
        return compared.Differences.Any(difference => difference.Fact == "program build") && !compared.Differences.Any(difference => difference.Fact is "commit" or "uncommitted changes")
            ? compared with { Remarks = ["The commit is the same and the program's build is not: equal code builds to other files in another place, or with other packages."] } : compared;

        static List<(string, string)> Facts(IReadOnlyList<AttemptConditions> attempts) =>
        [
            ("commit", Listed(attempts, attempt => attempt.Environment.Commit ?? "outside a git checkout")),
            ("uncommitted changes", Listed(attempts, Changes)), ("program build", Listed(attempts, attempt => attempt.Environment.Program)),
        ];
    }

    /// <summary>Each data set by its order-independent identity, the order of its files, and its size, and what was measured with by its identity; attempts that ended before they read any are passed over.</summary>
    public static ComparedFacts Data(IReadOnlyList<AttemptConditions> a, IReadOnlyList<AttemptConditions> b)
    {
        var (readA, readB) = (Read(a), Read(b));
        if (a.Count == 0 || b.Count == 0) return Unknown(a, b)!;
        if (readA.Count == 0 && readB.Count == 0) return new ComparedFacts([], 0, ["Neither has recorded a data set that it read: generated data have none."]);
        var compared = ComparedFacts.Of(Facts(readA), Facts(readB));
        return compared.Differ && compared.Differences.All(difference => difference.Fact.EndsWith("file order", StringComparison.Ordinal))
            ? compared with { Remarks = ["The same examples lie in another order in the files. Training reads them in the canonical order, so that this changes no result."] } : compared;

        static List<AttemptConditions> Read(IReadOnlyList<AttemptConditions> attempts) => [.. attempts.Where(attempt => attempt.Environment.DataSets.Count > 0)];

        static List<(string, string)> Facts(List<AttemptConditions> attempts)
        {
            var facts = new List<(string, string)>();
            foreach (var name in attempts.SelectMany(attempt => attempt.Environment.DataSets).Select(set => set.Name).Distinct())
            {
                var sets = attempts.SelectMany(attempt => attempt.Environment.DataSets).Where(set => set.Name == name).ToList();
                if (sets[0].IsYardstick)
                {
                    facts.Add(($"measured with {name}, identity", Listed(sets, set => set.Identity)));
                    continue;
                }
                facts.Add(($"{name}, identity", Listed(sets, set => set.Identity)));
                facts.Add(($"{name}, file order", Listed(sets, set => set.FileOrder)));
                facts.Add(($"{name}, examples", Listed(sets, set => set.Examples.ToString(CultureInfo.InvariantCulture))));
            }
            return facts;
        }
    }

    /// <summary>Engine, processor, threads, device, system and packages.</summary>
    public static ComparedFacts Environment(IReadOnlyList<AttemptConditions> a, IReadOnlyList<AttemptConditions> b)
    {
        return Unknown(a, b) ?? ComparedFacts.Of(Facts(a), Facts(b));

        static List<(string, string)> Facts(IReadOnlyList<AttemptConditions> attempts)
        {
            var environments = attempts.Select(attempt => attempt.Environment).ToList();
            List<(string, string)> facts =
            [
                ("engine", Listed(environments, e => e.Engine)), ("engine build", Listed(environments, e => e.EngineBuild)), ("CPU capability", Listed(environments, e => e.CpuCapability)),
                ("BLAS", Listed(environments, e => e.Blas)), ("threads", Listed(environments, e => Whole(e.Threads))), ("device", Listed(environments, e => e.Device)),
                ("GPU", Listed(environments, e => e.Gpu ?? "none")), ("CPU", Listed(environments, e => e.Cpu)), ("cores", Listed(environments, e => Whole(e.Cores))),
                ("memory", Listed(environments, e => Numbers.Bytes(e.MemoryBytes))), ("operating system", Listed(environments, e => e.OperatingSystem)), (".NET", Listed(environments, e => e.DotNet)),
            ];
            foreach (var package in environments.SelectMany(e => e.Packages.Keys).Distinct().Order(StringComparer.Ordinal))
                facts.Add(($"package {package}", Listed(environments, e => e.Packages.GetValueOrDefault(package, "not used"))));
            return facts;
        }
    }

    private static ComparedFacts? Unknown(IReadOnlyList<AttemptConditions> a, IReadOnlyList<AttemptConditions> b) => (a.Count, b.Count) switch
    {
        (0, 0) => new ComparedFacts([], 0, ["Of neither is it known here: no attempt's environment.json is in their folders."]),
        (0, _) => new ComparedFacts([], 0, ["Of A it is not known here, so this was not compared: no attempt's environment.json is in its folder."]),
        (_, 0) => new ComparedFacts([], 0, ["Of B it is not known here, so this was not compared: no attempt's environment.json is in its folder."]),
        _ => null,
    };

    /// <summary>One value, or several with how many attempts had each, in the order in which they came up. Counts stand only where there are several: sweeps of other lengths are not otherwise for that.</summary>
    private static string Listed<T>(IReadOnlyList<T> items, Func<T, string> value)
    {
        var values = items.GroupBy(value).ToList();
        if (values.Count == 1) return values[0].Key;
        var shown = values.Take(ValuesShown).Select(group => $"{group.Key} ({group.Count()} of {items.Count})");
        return string.Join("; ", shown) + (values.Count > ValuesShown ? $"; and {values.Count - ValuesShown} more" : "");
    }

    /// <summary>Which files the uncommitted changes touch, and a hash by which two differences of them are told apart.</summary>
    private static string Changes(AttemptConditions attempt)
    {
        if (!attempt.Environment.Dirty) return "none";
        if (attempt.DirtyDiff.Length == 0) return "some, which were not kept";
        var files = attempt.DirtyDiff.Split('\n').Where(line => line.StartsWith("diff --git a/", StringComparison.Ordinal)).Select(line => line[(line.LastIndexOf(" b/", StringComparison.Ordinal) + 3)..]).ToList();
        var named = files.Count == 0 ? "" : $" in {string.Join(", ", files.Take(FilesShown))}{(files.Count > FilesShown ? $" and {files.Count - FilesShown} more" : "")}";
        return $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(attempt.DirtyDiff)))[..HashShown]}{named}";
    }

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);
}
