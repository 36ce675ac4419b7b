using Repro.Studies.Options;
using Repro.Training.Checks;

namespace Repro.Training.Killable;

/// <summary>A multilayer perceptron on generated data, with every feature of the loop as an option. Trains in well under a second.</summary>
public sealed class TinyExperiment : Experiment
{
    public override string Name => "tiny";

    public override string Title => "A multilayer perceptron on generated data";

    public override IReadOnlyList<Profile> Profiles => [new Profile("smoke", "Less than a second.", new TinyOptions())];

    public override Type OptionsType => typeof(TinyOptions);

    public override string MainMetric => "test_error";

    public override IReadOnlyList<string> DataSets(object options) => [];

    public override TrainingTask CreateTask(object options, RunContext context) => new TinyTask((TinyOptions)options, context);

    public override Recipe CreateRecipe(object options, RunContext context) => throw new NotSupportedException("No check asks the tiny experiment.");
}

public sealed record TinyOptions
{
    [Option("Optimizer steps.", Min = 1)]
    public int Steps { get; set; } = 40;

    [Option("Units of the hidden layer.", Min = 1)]
    public int Hidden { get; set; } = 16;

    [Option("Learning rate.", Min = 0)]
    public double LearningRate { get; set; } = 0.05;

    [Option("sgd with momentum, adam, or an optimizer of our own.", Choices = ["sgd", "adam", "lion"])]
    public string Optimizer { get; set; } = "sgd";

    [Option("Share of hidden units dropped.", Min = 0, Max = 1)]
    public double Dropout { get; set; } = 0.25;

    [Option("Batch normalization.")]
    public bool Normalize { get; set; } = true;

    [Option("Carries the mean input from step to step, as a recurrent network its state.")]
    public bool Carry { get; set; } = true;

    [Option("Parts a batch is worked through in.", Min = 1)]
    public int Parts { get; set; } = 1;

    [Option("Decay of the moving average; 0 for none.", Min = 0, Max = 1)]
    public double EmaDecay { get; set; }

    [Option("Largest gradient norm; 0 for no clipping.", Min = 0)]
    public double Clip { get; set; }

    [Option("Keeps the best on validation.")]
    public bool KeepBest { get; set; }

    [Option("Evaluations without improvement before training ends; 0 for never.", Min = 0)]
    public int Patience { get; set; }

    [Option("Steps before whose end no evaluation counts.", Min = 0)]
    public int SelectFrom { get; set; }

    [Option("What the task says that an evaluation of a split takes.", Min = 0)]
    public double MinutesToEvaluate { get; set; }

    [Option("Steps between logged points.", Min = 1)]
    public int LogEvery { get; set; } = 5;

    [Option("Steps between evaluations.", Min = 1)]
    public int EvaluateEvery { get; set; } = 10;

    [Option("A tenth of the rate until the logged training error is below this, in percent; 0 for never.")]
    public double WarmUpUntilError { get; set; }

    [Option("Step whose loss takes the logarithm of a negative number; -1 for none.", Min = -1)]
    public int LogOfNegativeAt { get; set; } = -1;

    [Option("Step whose loss has a square root of zero under it, with an infinite gradient; -1 for none.", Min = -1)]
    public int RootOfZeroAt { get; set; } = -1;

    [Option("Step from which on the inputs hold a NaN; -1 for none.", Min = -1)]
    public int NanInputAt { get; set; } = -1;

    [Option("Step whose batch cannot be prepared; -1 for none.", Min = -1)]
    public int BrokenBatchAt { get; set; } = -1;

    [Option("Evaluates test while training, for a curve.")]
    public bool TestCurve { get; set; }

    [Option("MiB of tensors that only make checkpoints larger.", Min = 0)]
    public int Ballast { get; set; }
}
