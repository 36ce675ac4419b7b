using Repro.Cli.Verbs.Sweeps;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Sweeping;

/// <summary>Finds the study that an experiment of this build declares for one that was stored.</summary>
internal static class DeclaredStudy
{
    /// <param name="same">Whether the declared study, the first, is meant by the stored one.</param>
    /// <returns>Null where none is, or this build has no such experiment.</returns>
    public static FoundStudy? Of(Surroundings surroundings, Study stored, Func<Study, Study, bool> same)
    {
        if (surroundings.Experiments().FirstOrDefault(experiment => experiment.Name == stored.Experiment) is not { } known) return null;
        var ablation = stored.Arms.Count > 0;
        return (ablation ? known.Ablations.Select(a => a.Name) : known.Studies.Select(s => s.Name))
            .Select(name => StudySource.Find(surroundings, $"{known.Name}/{name}", ablation, new StudyChanges())).FirstOrDefault(found => same(found.Study, stored));
    }

    /// <summary>Whether two studies ask the same, with however many seeds and trials, within whatever limits.</summary>
    public static bool AskTheSame(Study declared, Study stored) =>
        declared == stored with
        {
            Seeds = declared.Seeds, Trials = declared.Trials, Retries = declared.Retries, Notes = declared.Notes, Tags = declared.Tags, WallTime = declared.WallTime, GpuHours = declared.GpuHours,
        };
}
