using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Checks;

/// <summary>
/// The model under the recipe, and the short trainings that several checks ask about: each is made once, when first needed. Every training
/// starts from the run's seed and sees the batches of steps 0, 1, 2 ..., so that two of them differ in what was changed and in nothing else.
/// </summary>
internal sealed class CheckSubject(Experiment experiment, object options, RunContext context, CancellationToken stop) : IDisposable
{
    private ReferenceTraining? _reference;
    private ShortTraining? _zeroed;
    private ShortTraining? _baseline;

    public Experiment Experiment => experiment;

    public object Options => options;

    public RunContext Context => context;

    public Recipe Recipe { get; } = experiment.CreateRecipe(options, context);

    public CancellationToken Stop => stop;

    public bool IsClassifier => Recipe.Classes.Count > 0;

    /// <summary>The configured model on real batches.</summary>
    public ReferenceTraining Reference
    {
        get
        {
            if (_reference is null)
            {
                _reference = new ReferenceTraining(this);
                _reference.Run();
            }
            return _reference;
        }
    }

    /// <summary>The configured model on the same batches with every input set to zero: it can learn what is likely, never which is which.</summary>
    public ShortTraining Zeroed
    {
        get
        {
            if (_zeroed is null)
            {
                _zeroed = new ShortTraining(this, Recipe.Build(context.Seed, 1));
                _zeroed.Run(Recipe.Steps, zeroInputs: true);
            }
            return _zeroed;
        }
    }

    /// <summary>The dumb model on real batches.</summary>
    public ShortTraining Baseline
    {
        get
        {
            if (_baseline is null)
            {
                _baseline = new ShortTraining(this, Recipe.Baseline(context.Seed));
                _baseline.Run(Recipe.Steps);
            }
            return _baseline;
        }
    }

    public void Dispose()
    {
        _reference?.Dispose();
        _zeroed?.Dispose();
        _baseline?.Dispose();
    }
}
