using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Checks;

/// <summary>
/// The short training of the configured model on real batches, watched: what each parameter did in the first steps, and what the model said
/// of the held-out examples along the way.
/// </summary>
internal sealed class ReferenceTraining : IDisposable
{
    /// <summary>Steps in which a parameter must have learned: a zero-initialized last layer holds back the gradient of all before it for one step.</summary>
    public const int StepsToLearnIn = 3;

    private const int Looks = 12;

    private readonly CheckSubject _subject;
    private readonly ShortTraining _training;

    public ReferenceTraining(CheckSubject subject)
    {
        _subject = subject;
        _training = new ShortTraining(subject, subject.Recipe.Build(subject.Context.Seed, 1));
        HeldOut = subject.Recipe.HeldOut();
        Parameters = [.. _training.Model.Module.named_parameters().Select(p => new WatchedParameter(p.name, p.parameter.requires_grad))];
    }

    public ShortTraining Training => _training;

    /// <summary>The held-out examples; disposed with the training.</summary>
    public RecipeBatch HeldOut { get; }

    /// <summary>Every parameter of the model, in its order.</summary>
    public IReadOnlyList<WatchedParameter> Parameters { get; }

    /// <summary>What was said of the held-out examples before the first step, at about a dozen steps between, and after the last one.</summary>
    public IReadOnlyList<HeldOutLook> HeldOutLooks { get; private set; } = [];

    /// <summary>Trains the recipe's number of steps; once.</summary>
    public void Run()
    {
        var looks = new List<HeldOutLook> { Look(0) };
        var steps = _subject.Recipe.Steps;
        for (var step = 0; step < steps && !_training.Diverged; step++)
        {
            using var batch = _subject.Recipe.Batch(step);
            if (step < StepsToLearnIn) StepWatched(batch);
            else _training.Step(batch);
            if (step + 1 == steps || (step + 1) * Looks / steps > step * Looks / steps) looks.Add(Look(step + 1));
        }
        HeldOutLooks = looks;
    }

    public void Dispose()
    {
        HeldOut.Dispose();
        _training.Dispose();
    }

    /// <summary>The mean loss of each example; losses may have more dimensions than the examples' (one a token).</summary>
    public static double[] PerExample(Tensor losses) => Numbers(losses.reshape(losses.shape[0], -1).mean([1]));

    private void StepWatched(RecipeBatch batch)
    {
        using var scope = NewDisposeScope();
        var parameters = _training.Model.Module.named_parameters().Select(p => p.parameter).ToArray();
        Tensor[] before = [];
        _training.Step(batch, beforeUpdate: () =>
        {
            for (var i = 0; i < parameters.Length; i++)
            {
                if (parameters[i].grad is { } gradient && gradient.count_nonzero().item<long>() > 0) Parameters[i].ReceivedGradient = true;
            }
            using (no_grad()) before = [.. parameters.Select(p => p.detach().clone().MoveToOuterDisposeScope())];
        });
        for (var i = 0; i < parameters.Length; i++)
        {
            if (parameters[i].detach().ne(before[i]).count_nonzero().item<long>() > 0) Parameters[i].Moved = true;
        }
    }

    private HeldOutLook Look(int step) => _training.Ask(model =>
    {
        var outputs = model.Outputs(HeldOut.Inputs);
        var losses = PerExample(model.Losses(outputs, HeldOut.Targets));
        if (!_subject.IsClassifier || outputs.dim() != 2) return new HeldOutLook(step, losses, null, null);
        var rightClass = Numbers(outputs.softmax(1).gather(1, HeldOut.Targets.unsqueeze(1)).squeeze(1));
        return new HeldOutLook(step, losses, rightClass, TensorBits.Integers(outputs.argmax(1)));
    });

    private static double[] Numbers(Tensor values) => values.to(ScalarType.Float64).cpu().data<double>().ToArray();
}

/// <summary>What a parameter did in the first steps of a training.</summary>
internal sealed record WatchedParameter(string Name, bool RequiresGradient)
{
    public bool ReceivedGradient { get; set; }

    public bool Moved { get; set; }
}

/// <summary>What a model said of the held-out examples, in evaluation mode.</summary>
/// <param name="Step">Steps taken before.</param>
/// <param name="Losses">One an example.</param>
/// <param name="RightClass">Probability given to each example's true class; null where the model is no classifier of single examples.</param>
/// <param name="Answers">The most probable class of each example; null likewise.</param>
internal sealed record HeldOutLook(int Step, double[] Losses, double[]? RightClass, long[]? Answers);
