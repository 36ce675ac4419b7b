using Repro.Reports.Claims;
using Repro.Reports.Documents;

namespace Repro.Reports.Papers;

/// <summary>Ledgers of what a paper's report shows.</summary>
internal static class EvidenceLedger
{
    public static Ledger Of(string command, IEnumerable<EvidenceRun> runs)
    {
        var known = runs.Select(run => run.Run).DistinctBy(run => run.Id).ToList();
        var environments = known.SelectMany(run => run.Attempts).Select(attempt => attempt.Environment).ToList();
        return new Ledger(
            command, [.. known.Select(run => run.Id)],
            [.. environments.Where(environment => environment.Commit is not null).Select(environment => environment.Commit + (environment.Dirty ? "+dirty" : "")).Distinct().Order(StringComparer.Ordinal)],
            new SortedDictionary<string, string>(environments.SelectMany(environment => environment.DataSets).GroupBy(data => data.Name).ToDictionary(data => data.Key, data => string.Join(", ", data.Select(one => one.Identity).Distinct())), StringComparer.Ordinal),
            [.. environments.Select(environment => environment.Engine).Distinct().Order(StringComparer.Ordinal)]);
    }
}
