using Repro.Studies.Options;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Samplers;

/// <summary>The samplers by the name that <c>--sampler</c> and study files give them, at their default settings.</summary>
public static class SamplerCatalog
{
    public static IReadOnlyList<string> Names { get; } = ["random", "grid", "sobol", "tpe", "tpe_multivariate"];

    /// <param name="paper">Trial 0, which a grid need not try again; null where there is none.</param>
    /// <exception cref="BadInputException">An unknown name, or a search space that this sampler cannot walk through.</exception>
    public static ISampler Create(string name, SearchSpace space, ulong seed, Configuration? paper = null) => name switch
    {
        "random" => new RandomSampler(space, seed),
        "grid" => new GridSampler(space, leftOut: paper),
        "sobol" => new SobolSampler(space, seed),
        "tpe" => new TpeSampler(space, seed, new TpeSettings()),
        "tpe_multivariate" => new TpeSampler(space, seed, new TpeSettings { Multivariate = true }),
        _ => throw new BadInputException($"There is no sampler '{name}'. Valid samplers, nearest first: {string.Join(", ", NearestWords.Order(name, Names))}."),
    };
}
