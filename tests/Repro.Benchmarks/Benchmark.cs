namespace Repro.Benchmarks;

/// <summary>One benchmark: a file of its own and a line in <see cref="BenchmarkCatalog"/>.</summary>
public abstract class Benchmark
{
    /// <summary>The word after <c>./bench</c>.</summary>
    public abstract string Name { get; }

    /// <summary>One line for lists: what is measured against what.</summary>
    public abstract string Title { get; }

    /// <summary>Its own arguments, with their ranges and defaults: the words behind "takes".</summary>
    public abstract string Takes { get; }

    /// <summary>Debian packages that the peers come from, such as <c>python3-torch</c>; without them the rows have no peer.</summary>
    public virtual IReadOnlyList<string> PeerPackages => [];

    /// <summary>Measures; each row is shown as soon as it is known.</summary>
    /// <param name="arguments">What was written after the name, without <c>--json</c>.</param>
    /// <exception cref="Repro.Studies.BadInputException">An argument is not one of this benchmark's.</exception>
    public abstract IEnumerable<BenchmarkRow> Run(IReadOnlyList<string> arguments);

    protected Repro.Studies.BadInputException Refusal(params IEnumerable<string> arguments) => new($"{Name} takes {Takes}, not '{string.Join(' ', arguments)}'.");
}
