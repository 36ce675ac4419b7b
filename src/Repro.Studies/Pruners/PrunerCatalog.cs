using Repro.Studies.Options;
using Repro.Studies.Samplers;

namespace Repro.Studies.Pruners;

/// <summary>The pruners by the name that <c>--pruner</c> and study files give them.</summary>
public static class PrunerCatalog
{
    public static IReadOnlyList<string> Names { get; } =
        ["none", "median", "successive_halving", "asha_promotion", "asha_stopping", "hyperband", "hyperband_promotion", "hyperband_stopping"];

    /// <param name="least">The smallest resource: the first rung. Of no meaning to none, median and hyperband.</param>
    /// <param name="most">The largest resource, at which a trial is completed. Of no meaning to none and median.</param>
    /// <param name="trials">Trials of the sweep: successive_halving halves them together.</param>
    /// <param name="eta">null: 4 for halving and ASHA, 3 for Hyperband, as published.</param>
    /// <exception cref="BadInputException">An unknown name, or resources that leave nothing to decide.</exception>
    public static IPruner Create(string name, ObjectiveDirection direction, long least, long most, int trials, int? eta = null) => name switch
    {
        "none" => new NoPruner(),
        "median" => new MedianPruner(direction),
        "successive_halving" => new SuccessiveHalvingPruner(direction, trials, Rungs.FromBottom(least, most, eta ?? 4), eta ?? 4),
        "asha_promotion" => new AshaPromotionPruner(direction, Rungs.FromBottom(least, most, eta ?? 4), eta ?? 4),
        "asha_stopping" => new AshaStoppingPruner(direction, Rungs.FromBottom(least, most, eta ?? 4), eta ?? 4),
        "hyperband" => new HyperbandPruner(direction, most, eta ?? 3, Halving.Synchronous),
        "hyperband_promotion" => new HyperbandPruner(direction, most, eta ?? 3, Halving.Promotion),
        "hyperband_stopping" => new HyperbandPruner(direction, most, eta ?? 3, Halving.Stopping),
        _ => throw new BadInputException($"There is no pruner '{name}'. Valid pruners, nearest first: {string.Join(", ", NearestWords.Order(name, Names))}."),
    };
}
