using Repro.Studies;
using Repro.Studies.Options;
using static TorchSharp.torch;

namespace Repro.Training.Checks;

/// <summary>Runs the recipe's checks on an experiment.</summary>
/// <remarks>
/// Everything a check sees derives from the run's seed, so its answer is the same each time under the conditions under which bits are promised.
/// Checks that ask about the same short training share it.
/// </remarks>
public static class RecipeRunner
{
    private static readonly RecipeCheck[] Checks =
    [
        new BatchAsSeen(), new LossAtInit(), new TrainingLossFalls(), new FrozenLayer(), new InputIndependent(), new DumbBaseline(), new MoreCapacity(),
        new OverfitOneBatch(), new BeatsChanceHeldOut(), new NoLeakAcrossBatch(), new NoLeakFromFuture(),
        new SameSeedSameBits(), new FirstLayerWeights(), new PredictionDynamics(),
    ];

    /// <summary>The checks in the order in which they run.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Checks.Select(check => check.Name)];

    /// <param name="each">Called as each check ends, in order.</param>
    /// <param name="stop">Ends the work at the next step with an <see cref="OperationCanceledException"/>.</param>
    /// <param name="only">Names of the checks to run; null for all of them. They run in the order of <see cref="Names"/>.</param>
    /// <exception cref="BadInputException">A name in <paramref name="only"/> is none of <see cref="Names"/>.</exception>
    /// <exception cref="MissingComponentException">The device or a data set is not there.</exception>
    public static IReadOnlyList<CheckResult> Run(
        Experiment experiment, object options, RunContext context, Action<CheckResult> each, CancellationToken stop, IReadOnlyCollection<string>? only = null)
    {
        var unknown = only?.FirstOrDefault(name => !Names.Contains(name));
        if (unknown is not null)
            throw new BadInputException($"There is no check '{unknown}'; nearest first, there are: {string.Join(", ", NearestWords.Order(unknown, Names))}.");
        _ = Devices.Select(context.Device);
        set_num_threads(context.Threads);
        Acceleration.RepeatBits();
        using var subject = new CheckSubject(experiment, options, context, stop);
        var results = new List<CheckResult>();
        foreach (var check in Checks.Where(check => only?.Contains(check.Name) ?? true))
        {
            stop.ThrowIfCancellationRequested();
            var result = check.Run(subject);
            results.Add(result);
            each(result);
        }
        return results;
    }
}
