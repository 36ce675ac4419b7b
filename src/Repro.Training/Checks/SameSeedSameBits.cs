using Repro.Training.Loop;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Checks;

/// <summary>Trains three times for a few steps, as a run does: twice from the run's seed and once from another one.</summary>
internal sealed class SameSeedSameBits() : RecipeCheck(
    "same-seed-same-bits", "Do two runs from one seed have the same bits in every parameter, and a run from another seed others?")
{
    private const int Steps = 3;

    public override CheckResult Run(CheckSubject subject)
    {
        var seed = subject.Context.Seed;
        var first = Train(subject, seed);
        var second = Train(subject, seed);
        if (Differing(first.Initial, second.Initial) is { Count: > 0 } atStart)
        {
            return Failed(atStart.Count, "0",
                $"Two models built from the seed {seed} differ before the first step, in {atStart.Count} tensors, first in {atStart[0]}. " +
                "Initial values drawn from a generator that is not seeded, or from one that lives longer than the run, usually cause this: draw them from the seed.");
        }
        if (Differing(first.Trained, second.Trained) is { Count: > 0 } afterSteps)
        {
            return Failed(afterSteps.Count, "0",
                $"Two runs from the seed {seed} start alike and differ after {Steps} steps, in {afterSteps.Count} tensors, first in {afterSteps[0]}. " +
                "Batches or augmentation that depend on more than the seed and the step, or operators that are not deterministic on this device, usually cause this.");
        }
        var other = Train(subject, seed + 1);
        if (Differing(first.Trained, other.Trained).Count == 0)
        {
            return Failed(0, "0",
                $"Runs from the seeds {seed} and {seed + 1} have the same bits after {Steps} steps: the seed reaches neither the initial values nor the batches. " +
                "A constant seed somewhere usually causes this; several seeds would then count as one.");
        }
        return Passed(0, "0", $"Two runs from the seed {seed} agree in every bit of {first.Trained.Count} tensors after {Steps} steps; one from the seed {seed + 1} does not.");
    }

    private static Bits Train(CheckSubject subject, ulong seed)
    {
        var context = subject.Context with { Seed = seed };
        EngineGenerator.SeedInitialization(seed);
        using var task = subject.Experiment.CreateTask(subject.Options, context);
        var initial = Of(task.Model);
        TakeSteps(task, context, subject.Stop);
        return new Bits(initial, Of(task.Model));
    }

    // The first steps of a run, without what surrounds them: no evaluation, no average of the parameters, no checkpoint.
    private static void TakeSteps(TrainingTask task, RunContext context, CancellationToken stop)
    {
        using var feed = task.OpenFeed(0, context.Time);
        var step = new TrainingStep(task, feed, context.Seed);
        task.Model.train();
        for (var number = 0L; number < Math.Min(Steps, task.Steps); number++)
        {
            stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            step.Take(number, new MetricHistory());
        }
    }

    private static List<(string Name, byte[] Bits)> Of(nn.Module model) => [.. model.state_dict().Select(entry => (entry.Key, TensorBits.Of(entry.Value)))];

    private static List<string> Differing(List<(string Name, byte[] Bits)> left, List<(string Name, byte[] Bits)> right) =>
        [.. left.Zip(right).Where(pair => !pair.First.Bits.AsSpan().SequenceEqual(pair.Second.Bits)).Select(pair => pair.First.Name)];

    private sealed record Bits(List<(string Name, byte[] Bits)> Initial, List<(string Name, byte[] Bits)> Trained);
}
