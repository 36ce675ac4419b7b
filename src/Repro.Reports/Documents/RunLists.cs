using System.Globalization;

namespace Repro.Reports.Documents;

/// <summary>How the runs of ledgers are written: a few by their ids, many in short by sweep and trial, with the whole list once in the document.</summary>
internal sealed class RunLists
{
    /// <summary>So many are written by id; from there on, in short.</summary>
    public const int Few = 6;

    private const int RangesShown = 8;

    private readonly Dictionary<string, string> _seen = new(StringComparer.Ordinal);

    /// <summary>The anchor of the whole list, and whether it is to be written here: figures and tables over the same ten thousand runs would repeat it.</summary>
    public (string Id, bool First) Place(IReadOnlyList<string> runs)
    {
        var key = string.Join('\n', runs);
        if (_seen.TryGetValue(key, out var known)) return (known, false);
        return (_seen[key] = $"runs-of-ledger-{_seen.Count + 1}", true);
    }

    /// <summary><c>resnet-shortcuts: trials 0–2, runs 0–7 each; resnet-quick-20261121</c>: runs of a sweep together, in the order of their trials; the first of them where there are too many.</summary>
    public static string Short(IReadOnlyList<string> runs)
    {
        var ranges = new List<string>();
        foreach (var sweep in runs.Select(Parse).GroupBy(run => run.Sweep, StringComparer.Ordinal))
        {
            if (sweep.Key.Length == 0)
            {
                ranges.AddRange(sweep.Select(run => run.Id));
                continue;
            }
            var trials = sweep.GroupBy(run => run.Trial).OrderBy(trial => trial.Key)
                .Select(trial => (Trial: trial.Key, Runs: Ranges([.. trial.Select(run => run.Index).Distinct().Order()]))).ToList();
            foreach (var alike in trials.GroupBy(trial => trial.Runs))
            {
                var numbers = alike.Select(trial => trial.Trial).ToList();
                ranges.Add($"{sweep.Key}: {(numbers.Count == 1 ? "trial" : "trials")} {Ranges(numbers)}, {(alike.Key.Contains('–', StringComparison.Ordinal) || alike.Key.Contains(',', StringComparison.Ordinal) ? "runs" : "run")} {alike.Key}{(numbers.Count == 1 ? "" : " each")}");
            }
        }
        return ranges.Count <= RangesShown ? string.Join("; ", ranges) : $"{string.Join("; ", ranges.Take(RangesShown))}; and more";
    }

    private static string Ranges(List<int> ordered)
    {
        var ranges = new List<string>();
        for (var i = 0; i < ordered.Count; i++)
        {
            var first = ordered[i];
            while (i + 1 < ordered.Count && ordered[i + 1] == ordered[i] + 1) i++;
            ranges.Add(ordered[i] == first ? Whole(first) : $"{Whole(first)}–{Whole(ordered[i])}");
        }
        return ranges.Count <= RangesShown ? string.Join(", ", ranges) : $"{string.Join(", ", ranges.Take(RangesShown))} and more up to {Whole(ordered[^1])}";
    }

    // An id that is no sweep's (a run of `repro run`) stands for itself.
    private static (string Id, string Sweep, int Trial, int Index) Parse(string id)
    {
        var slash = id.LastIndexOf('/');
        var dash = id.LastIndexOf('-');
        return slash > 0 && dash > slash
            && int.TryParse(id.AsSpan(slash + 1, dash - slash - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var trial)
            && int.TryParse(id.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? (id, id[..slash], trial, index) : (id, "", 0, 0);
    }

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);
}
