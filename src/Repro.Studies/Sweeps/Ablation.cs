using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Sweeps;

/// <summary>One named change against a baseline.</summary>
/// <param name="Name">A word: <c>plain</c>.</param>
/// <param name="Why">A sentence: what the change is, and where in the paper it stands.</param>
/// <param name="Changes">Options that the arm sets otherwise than the baseline does; each of them differs.</param>
public sealed record AblationArm(string Name, string Why, Configuration Changes)
{
    /// <summary>What the unchanged setting is called beside the arms.</summary>
    public const string Baseline = "baseline";
}

/// <summary>What an experiment declares as an ablation: changes, one at a time, against a baseline, with paired seeds.</summary>
/// <param name="Name">A word, unique among the experiment's ablations: <c>shortcuts</c>.</param>
/// <param name="Question">One sentence for lists.</param>
/// <param name="Profile">Settings that the baseline begins from.</param>
/// <param name="Objective">On validation, as in every study.</param>
public sealed record Ablation(string Name, string Question, string Profile, Objective Objective, IReadOnlyList<AblationArm> Arms)
{
    /// <summary>Options of the baseline over the profile's.</summary>
    public Configuration Baseline { get; init; } = Configuration.Empty;

    /// <summary>Nuisance hyperparameters that the baseline and every arm are tuned over anew; empty: none.</summary>
    public SearchSpace Nuisance { get; init; } = new([]);

    /// <summary>Configurations of <see cref="Nuisance"/> tried for the baseline and for every arm; 0 where there are none.</summary>
    public int TrialsPerArm { get; init; }

    /// <summary>Pairs of runs for each arm where a person names no other number: 8, enough for five arms under Holm's correction.</summary>
    public int Seeds { get; init; } = 8;

    /// <inheritdoc cref="Study.ReadsTest"/>
    public bool ReadsTest { get; init; }

    /// <summary>The ablation as a study that a sweep executes.</summary>
    public Study Of(string experiment) => new()
    {
        Experiment = experiment, Profile = Profile, Fixed = Baseline, Space = Nuisance, Objective = Objective, Trials = 0, TrialsPerArm = TrialsPerArm, Seeds = Seeds, Arms = Arms, ReadsTest = ReadsTest,
    };
}

/// <summary>A study that an experiment declares.</summary>
/// <param name="Name">A word, unique among the experiment's studies and ablations: <c>learning-rate</c>.</param>
/// <param name="Question">One sentence for lists.</param>
public sealed record NamedStudy(string Name, string Question, Study Study);
