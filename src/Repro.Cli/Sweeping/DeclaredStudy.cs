using Repro.Cli.Verbs.Sweeps;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Sweeping;

/// <summary>Finds the study that an experiment of this build declares for one that was stored.</summary>
internal static class DeclaredStudy
{
    /// <summary>The declared study, of an ablation with the stored one's arms alone.</summary>
    /// <param name="same">Whether the declared study, the first, is meant by the stored one.</param>
    /// <returns>Null where none is, or this build has no such experiment.</returns>
    public static FoundStudy? Of(Surroundings surroundings, Study stored, Func<Study, Study, bool> same)
    {
        if (surroundings.Experiments().FirstOrDefault(experiment => experiment.Name == stored.Experiment) is not { } known) return null;
        if (stored.Arms.Count == 0) return known.Studies.Select(study => Find(study.Name, new StudyChanges())).FirstOrDefault(found => same(found.Study, stored));
        var arms = stored.Arms.Select(arm => arm.Name).ToHashSet();
        // Of those that have all of its arms the one with the fewest besides.
        return known.Ablations.Where(ablation => arms.IsSubsetOf(ablation.Arms.Select(arm => arm.Name))).OrderBy(ablation => ablation.Arms.Count)
            .Select(ablation => Find(ablation.Name, new StudyChanges { Arms = ablation.Arms.Count > arms.Count ? [.. ablation.Arms.Select(arm => arm.Name).Where(arms.Contains)] : [] }))
            .FirstOrDefault(found => same(found.Study, stored));

        FoundStudy Find(string name, StudyChanges changes) => StudySource.Find(surroundings, $"{known.Name}/{name}", stored.Arms.Count > 0, changes);
    }

    /// <summary>Whether two studies ask the same of the same arms, with however many seeds and trials, within whatever limits.</summary>
    public static bool AskTheSame(Study declared, Study stored) =>
        declared == stored with
        {
            Seeds = declared.Seeds, Trials = declared.Trials, Retries = declared.Retries, Notes = declared.Notes, Tags = declared.Tags, WallTime = declared.WallTime, GpuHours = declared.GpuHours,
        };
}
