namespace Repro.Cli.Doctor;

/// <summary>How a component stands.</summary>
public enum FindingState
{
    /// <summary>There, and as it should be.</summary>
    Ok,

    /// <summary>There, but slower or less than it could be; or optional and absent.</summary>
    Degraded,

    /// <summary>Not there, and what needs it fails.</summary>
    Missing,
}

/// <summary>One line of <c>repro doctor</c>.</summary>
/// <param name="Component">engine, BLAS, figures ...</param>
/// <param name="Chosen">What is used here: a path, a name; "none" where there is none.</param>
/// <param name="Version">Empty where it has none that can be read.</param>
/// <param name="Meaning">What the state means for a person's work.</param>
/// <param name="Mend">The command that mends it; empty where nothing needs mending.</param>
public sealed record Finding(string Component, string Chosen, string Version, FindingState State, string Meaning, string Mend = "");
