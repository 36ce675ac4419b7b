namespace Repro.Studies.Samplers;

/// <summary>The settings of <see cref="TpeSampler"/>. Defaults are those of Optuna 3, whose users know them.</summary>
public sealed record TpeSettings
{
    /// <summary>Models all hyperparameters together, so that it sees how they act together; otherwise each by itself.</summary>
    public bool Multivariate { get; init; }

    /// <summary>Finished trials before the first suggestion that learns; until then suggestions are random.</summary>
    public int Startup { get; init; } = 10;

    /// <summary>Draws from the model of good trials, of which the one with the largest ratio of densities is suggested.</summary>
    public int Candidates { get; init; } = 24;

    /// <summary>Counts trials that are still running among the bad ones, so that slots asked at the same time get different configurations.</summary>
    public bool ConstantLiar { get; init; } = true;

    /// <summary>Good trials at most.</summary>
    internal const int MostGood = 25;

    /// <summary>How many of the ranked trials are good: a tenth, at least 1 and at most 25.</summary>
    internal static int Good(int finished) => Math.Min((finished + 9) / 10, MostGood);
}
