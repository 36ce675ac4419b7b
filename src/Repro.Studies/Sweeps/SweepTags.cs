namespace Repro.Studies.Sweeps;

/// <summary>Tags that the program gives: reports rest on them, so nobody else sets them.</summary>
public static class SweepTags
{
    /// <summary>What the recipe's checks said before the sweep began: <c>10 passed</c>, or <c>skipped</c>.</summary>
    public const string Checks = "checks";

    /// <summary>The repository's commit that the sweep was started at.</summary>
    public const string Commit = "commit";

    /// <summary>Of a confirmation: the number of the trial that was chosen.</summary>
    public const string Confirms = "confirms";

    /// <summary>Beginning of the names under which is kept what a sweep asks of a cluster.</summary>
    public const string Cluster = "cluster.";

    /// <summary>Says that a person may not set a tag; null where they may.</summary>
    public static string? Complaint(string tag) => tag is Checks or Commit or Confirms || tag.StartsWith(Cluster, StringComparison.Ordinal) ? $"the tag '{tag}' is the program's own; choose another name" : null;
}
