using System.Globalization;
using Repro.Reports.Documents;
using Repro.Results;

namespace Repro.Reports.Runs;

/// <summary>The conditions of every attempt, side by side where they differ.</summary>
internal static class EnvironmentTable
{
    public static IEnumerable<Block> Compose(RunRecord run)
    {
        if (run.Attempts.Count == 0) yield break;
        // Attempts under one environment share a column; peak memory alone differs nearly always and does not make another.
        var columns = new List<(int First, int Last, RunAttempt Attempt, long Peak)>();
        foreach (var attempt in run.Attempts)
        {
            if (columns.Count > 0 && Rows(columns[^1].Attempt.Environment).SequenceEqual(Rows(attempt.Environment)))
                columns[^1] = columns[^1] with { Last = attempt.Number, Peak = Math.Max(columns[^1].Peak, attempt.Environment.PeakMemoryBytes) };
            else
                columns.Add((attempt.Number, attempt.Number, attempt, attempt.Environment.PeakMemoryBytes));
        }
        var names = columns.SelectMany(column => Rows(column.Attempt.Environment).Select(row => row.Name)).Distinct().ToList();
        var rows = names.Select(name => (IReadOnlyList<Words>)[name, .. columns.Select(column => Cell(column.Attempt, name))]).ToList();
        rows.Add([Words.FromString("peak memory"), .. columns.Select(column => Words.FromString(column.Peak > 0 ? Numbers.Bytes(column.Peak) : "known when the attempt ends"))]);
        yield return new Table("Under what each attempt executed", ["condition", .. columns.Select(Heading)], rows);
    }

    private static Words Cell(RunAttempt attempt, string name)
    {
        var row = Rows(attempt.Environment).FirstOrDefault(row => row.Name == name);
        if (row.Name is null) return "–";
        if (name == "commit" && attempt.Environment is { Dirty: true, Commit: not null })
            return Words.Code(row.Value.Split(' ')[0]) + " " + Words.Strong("dirty") + ": the difference is in " + Words.Code($"attempt-{attempt.Number}/dirty.diff");
        return row.IsHash ? Words.Code(row.Value) : row.Value;
    }

    private static IEnumerable<(string Name, string Value, bool IsHash)> Rows(RunEnvironment e)
    {
        yield return ("commit", (e.Commit ?? "outside a git checkout") + (e.Dirty ? " (dirty)" : ""), e.Commit is not null);
        yield return ("engine", e.Engine, false);
        yield return ("engine build", e.EngineBuild, true);
        yield return ("program build", e.Program, true);
        yield return ("CPU", e.Cpu, false);
        yield return ("cores", e.Cores.ToString(CultureInfo.InvariantCulture), false);
        yield return ("memory", Numbers.Bytes(e.MemoryBytes), false);
        yield return ("CPU capability", e.CpuCapability, false);
        yield return ("BLAS", e.Blas, false);
        yield return ("threads", e.Threads.ToString(CultureInfo.InvariantCulture), false);
        yield return ("device", e.Device, false);
        if (e.Gpu is { } gpu) yield return ("GPU", gpu, false);
        yield return ("operating system", e.OperatingSystem, false);
        yield return (".NET", e.DotNet, false);
        foreach (var package in e.Packages.OrderBy(package => package.Key, StringComparer.Ordinal)) yield return ($"package {package.Key}", package.Value, false);
        foreach (var yardstick in e.DataSets.Where(set => set.IsYardstick)) yield return ($"measured with {yardstick.Name}, identity", yardstick.Identity, true);
        foreach (var data in e.DataSets.Where(set => !set.IsYardstick))
        {
            yield return ($"data {data.Name}, examples", data.Examples.ToString("#,0", CultureInfo.InvariantCulture), false);
            yield return ($"data {data.Name}, identity", data.Identity, true);
            yield return ($"data {data.Name}, file order", data.FileOrder, true);
        }
    }

    private static string Heading((int First, int Last, RunAttempt Attempt, long Peak) column) =>
        column.First == column.Last ? $"attempt {column.First}" : $"attempts {column.First} to {column.Last}";
}
