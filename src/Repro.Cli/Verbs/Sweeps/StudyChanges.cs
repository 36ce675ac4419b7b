using System.CommandLine;

namespace Repro.Cli.Verbs.Sweeps;

/// <summary>What a command line changes of a study; null and empty change nothing.</summary>
internal sealed record StudyChanges
{
    public string? Profile { get; init; }

    /// <summary><c>name=range</c> each.</summary>
    public IReadOnlyList<string> Vary { get; init; } = [];

    /// <summary><c>name=value</c> each.</summary>
    public IReadOnlyList<string> Set { get; init; } = [];

    /// <summary>Names of an ablation's arms, with <c>*</c> for any letters and <c>?</c> for one; empty: all.</summary>
    public IReadOnlyList<string> Arms { get; init; } = [];

    public int? Trials { get; init; }

    public int? Seeds { get; init; }

    public string? Sampler { get; init; }

    public string? Pruner { get; init; }

    public string? Metric { get; init; }

    public string? Direction { get; init; }

    public string? WallTime { get; init; }

    public double? GpuHours { get; init; }
}

/// <summary>The options of <c>sweep</c> and <c>ablate</c> that change the study they are given.</summary>
/// <param name="search">Whether the study searches; an ablation takes no sampler, no range and no number of trials.</param>
internal sealed class StudyOptions(bool search)
{
    private readonly Option<string?> _profile = new("--profile", "-p") { Description = "Setting that every trial starts from (default: the study's own; sweep where there is none)", HelpName = "NAME" };
    private readonly Option<string[]> _vary = new("--vary")
    {
        Description = "Searches over an option: log:1e-4..1, 0.8..0.99, int:16..256:16, logint:16..1024, or 20,32 for one of these; may be repeated",
        HelpName = "name=range", Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<string[]> _set = SharedOptions.Set();
    private readonly Option<string?> _arms = new("--arms") { Description = "Compares these arms alone with the baseline, with * for any letters and ? for one: 'deep,plain-*' (default: all)", HelpName = "NAME,..." };
    private readonly Option<int?> _trials = new("--trials") { Description = "Configurations to try, that of the profile paper included, 1 .. 10000000 (default: the study's own; otherwise 60, or a whole grid)", HelpName = "N" };
    private readonly Option<int?> _seeds = new("--seeds") { Description = search ? "Runs of each configuration, whose mean counts, 1 .. 10000 (default: the study's own)" : "Pairs of runs for each arm, 1 .. 10000 (default: the ablation's own)", HelpName = "N" };
    private readonly Option<string?> _sampler = new("--sampler") { Description = "random, grid, sobol, tpe or tpe_multivariate (default: the study's own)", HelpName = "NAME" };
    private readonly Option<string?> _pruner = new("--pruner") { Description = "none, median, successive_halving, asha_promotion, asha_stopping, hyperband, hyperband_promotion or hyperband_stopping (default: the study's own)", HelpName = "NAME" };
    private readonly Option<string?> _metric = new("--metric") { Description = "What is optimized, on validation (default: the study's own)", HelpName = "NAME" };
    private readonly Option<string?> _direction = new("--direction") { Description = "minimize or maximize (default: as the metric is known)", HelpName = "WORD" };
    private readonly Option<string?> _wallTime = new("--wall-time") { Description = "Ends the sweep after this time, as in 2h or 1h30m", HelpName = "TIME" };
    private readonly Option<double?> _gpuHours = new("--gpu-hours") { Description = "Ends the sweep after so many hours of GPUs", HelpName = "HOURS" };

    public void AddTo(Command verb)
    {
        foreach (var option in search ? (Option[])[_vary, _set, _profile, _trials, _seeds, _sampler, _pruner, _metric, _direction, _wallTime, _gpuHours] : [_set, _profile, _arms, _seeds, _metric, _direction, _wallTime, _gpuHours])
            verb.Add(option);
    }

    public StudyChanges Read(ParseResult arguments) => new()
    {
        Profile = arguments.GetValue(_profile), Set = arguments.GetValue(_set) ?? [], Seeds = arguments.GetValue(_seeds),
        Metric = arguments.GetValue(_metric), Direction = arguments.GetValue(_direction), WallTime = arguments.GetValue(_wallTime), GpuHours = arguments.GetValue(_gpuHours),
        Arms = search ? [] : arguments.GetValue(_arms)?.Split(',', StringSplitOptions.TrimEntries) ?? [],
        Vary = search ? arguments.GetValue(_vary) ?? [] : [], Trials = search ? arguments.GetValue(_trials) : null,
        Sampler = search ? arguments.GetValue(_sampler) : null, Pruner = search ? arguments.GetValue(_pruner) : null,
    };
}
