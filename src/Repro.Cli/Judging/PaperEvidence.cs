using Repro.Cli.Sweeping;
using Repro.Reports.Claims;
using Repro.Reports.Comparison;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Judging;

/// <summary>What is exported of a paper: the runs and sweeps in the folders below <c>results/PAPER</c>.</summary>
/// <param name="Folder">Full path.</param>
internal sealed record PaperEvidence(string Folder, IReadOnlyList<EvidenceRun> Runs, IReadOnlyList<StoredSweep> Sweeps)
{
    /// <summary>Sweep to the name of its folder, beside the report.</summary>
    public required IReadOnlyDictionary<string, string> FolderOf { get; init; }

    /// <param name="experiment">The paper's: a run of another one is refused.</param>
    /// <param name="folder">Need not be there: then there is no evidence.</param>
    /// <param name="each">Told the name of each folder before it is read.</param>
    /// <exception cref="BadInputException">An export is not whole, or was changed; or two folders hold the same sweep.</exception>
    public static PaperEvidence Gather(Surroundings surroundings, string experiment, string folder, Action<string>? each = null)
    {
        var (runs, sweeps, folders) = (new List<EvidenceRun>(), new List<StoredSweep>(), new Dictionary<string, string>());
        if (!Directory.Exists(folder)) return new PaperEvidence(Path.GetFullPath(folder), [], []) { FolderOf = folders };
        foreach (var place in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(place);
            if (File.Exists(Path.Combine(place, "run.json")))
            {
                each?.Invoke(name);
                RunExport.RequireWhole(place);
                var record = RunFolderReader.Read(place);
                Require(record.Experiment, "run");
                runs.Add(new EvidenceRun(record, EvidenceRole.Alone, name)
                {
                    Windows = StoredWindowLosses.Of(record),
                    Gpus = record.Attempts.Any(attempt => attempt.Environment.Device != "cpu") ? 1 : 0,
                    NotFinite = (record.FailureClass ?? (record.Failure is { } message ? FailureWords.From(message) : null)) == FailureClass.NotFinite,
                });
            }
            else if (SweepFolder.Find(place) is { } export)
            {
                each?.Invoke(name);
                var sweep = StoredSweep.OfExport(export);
                Require(sweep.Study.Experiment, "sweep");
                if (!folders.TryAdd(sweep.Name, name)) throw new BadInputException($"{folder}/{folders[sweep.Name]} and {folder}/{name} both hold the sweep {sweep.Name}, and its runs would count twice: remove one of the folders.");
                sweeps.Add(sweep);
                runs.AddRange(Of(surroundings, sweep, name));
            }
            else if (Directory.EnumerateFiles(place, "run.json", SearchOption.AllDirectories).FirstOrDefault() is { } deeper)
            {
                throw new BadInputException($"{deeper} lies too deep to be seen: every exported run or sweep has a folder of its own directly in {folder}.");
            }

            void Require(string of, string what)
            {
                if (of != experiment) throw new BadInputException($"{place} holds a {what} of the experiment '{of}', which says nothing of a paper of '{experiment}': move it away.");
            }
        }
        return new PaperEvidence(Path.GetFullPath(folder), runs, sweeps) { FolderOf = folders };
    }

    private static IEnumerable<EvidenceRun> Of(Surroundings surroundings, StoredSweep sweep, string folder)
    {
        var study = DeclaredStudy.Of(surroundings, sweep.Study, DeclaredStudy.AskTheSame)?.Name;
        var best = sweep.State.Best(sweep.Study.Objective);
        foreach (var (trial, run, record) in SweepRuns.All(surroundings, sweep))
        {
            yield return new EvidenceRun(record, trial.Origin switch { TrialOrigin.Arm => EvidenceRole.Arm, TrialOrigin.Confirmation => EvidenceRole.Confirmation, _ => EvidenceRole.Search }, folder)
            {
                Study = study, Label = Label(trial, best), Windows = StoredWindowLosses.Of(record), Gpus = run.Gpus, NotFinite = run.LastFailure == FailureClass.NotFinite,
            };
        }
    }

    // What was the paper's own setting and the best too is called by the rarer word.
    private static string Label(TrialStatus trial, int? best) => trial.Origin switch
    {
        TrialOrigin.Arm => trial.Arm ?? "",
        TrialOrigin.Confirmation => "confirmation",
        TrialOrigin.Paper => "paper",
        _ => trial.Number == best ? "best" : "",
    };
}
