using Repro.Figures;
using Repro.Training.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training;

/// <summary>
/// What an experiment gives the loop: a model with its optimizer, how long and at what rate to train, and how to evaluate.
/// Everything here is either fixed for the run or a pure function of its arguments and the seed; that is what makes a resumed run
/// bit-identical to an uninterrupted one. Experiments derive from <see cref="TrainingTask{TBatch}"/>.
/// </summary>
/// <remarks>
/// Steps count optimizer steps. The step with number s is taken after s steps, so the first one has number 0; a metric's step is
/// the number of steps taken when it was measured. Every member is called on the training thread unless it says otherwise.
/// </remarks>
public abstract class TrainingTask : IDisposable
{
    /// <summary>The model, on its device. The loop switches it between training and evaluation mode.</summary>
    public abstract nn.Module Model { get; }

    /// <summary>
    /// The optimizers, which together hold every parameter that they train: TorchSharp's, or one's own derived from <c>OptimizerHelper</c>. A checkpoint
    /// keeps every tensor and number in the fields and properties of their <c>state_dict().State</c>; a state with anything else in it is refused when the first
    /// one is written. Options (momentum, weight decay) are the task's to set again; the learning rate is set before each step.
    /// </summary>
    public abstract IReadOnlyList<optim.Optimizer> Optimizers { get; }

    /// <summary>
    /// Changes the parameters by their gradients: a step of every optimizer, in order. Overridden for a rule that is no optimizer of TorchSharp's; the tensors
    /// that such a rule remembers belong into <see cref="State"/>.
    /// </summary>
    public virtual void UpdateParameters()
    {
        foreach (var optimizer in Optimizers) optimizer.step()?.Dispose();
    }

    /// <summary>Optimizer steps of the whole run; at least 1.</summary>
    public abstract long Steps { get; }

    /// <summary>Optimizer steps that see as many examples as the training split has, rounded up; at least 1.</summary>
    public abstract long StepsPerEpoch { get; }

    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">0 for the first update.</param>
    /// <param name="history">
    /// All metrics so far, for rules that depend on them ("0.01 until the training error is below 80%":
    /// <c>history.FirstBelow("train_error", 80)</c>). A checkpoint holds it, so such a rule survives a resume.
    /// </param>
    public abstract double LearningRate(long step, MetricHistory history);

    /// <summary>Puts a step's learning rate into the optimizers: the same into every parameter group, unless overridden.</summary>
    public virtual void SetLearningRate(double rate)
    {
        foreach (var optimizer in Optimizers)
        {
            foreach (var group in optimizer.ParamGroups) group.LearningRate = rate;
        }
    }

    /// <summary>Equal parts a step's batch is worked through in; the gradient is the mean of theirs (gradient accumulation); at least 1.</summary>
    public virtual int PartsPerStep => 1;

    /// <summary>Largest norm of all gradients together (2-norm, after accumulation); longer ones are scaled down to it. Null: no clipping.</summary>
    public virtual double? ClipGradientNorm => null;

    /// <summary>
    /// Decay a step of the exponential moving average of the parameters, 0 to 1. Null: none. With it, evaluations and the trained result
    /// use the average; buffers (running statistics) stay the model's own.
    /// </summary>
    public virtual double? EmaDecay => null;

    /// <summary>Keeps the parameters that were best on validation, and may stop early. Null: the last iterate is the result.</summary>
    public virtual Selection? Selection => null;

    /// <summary>Steps between evaluations while training; at least 1.</summary>
    public virtual long EvaluateEvery => StepsPerEpoch;

    /// <summary>Steps over which the training metrics are averaged into one logged point; the first step is logged by itself too. Reading them is what makes a device wait, so: rarely. At least 1.</summary>
    public virtual long LogEvery => 50;

    /// <summary>Training metrics that follow from the means of a logged point and are no means themselves, by name without split: a perplexity is exp of the mean loss.</summary>
    /// <param name="means">By name without split: <c>loss</c>, and what else steps report.</param>
    public virtual IEnumerable<(string Name, double Value)> FromMeans(IReadOnlyDictionary<string, double> means) => [];

    /// <summary>Splits evaluated every <see cref="EvaluateEvery"/> steps. Reading <c>test</c> here is only for curves that a paper shows, never for a choice.</summary>
    public virtual IReadOnlyList<string> SplitsWhileTraining => [Splits.Validation];

    /// <summary>Splits evaluated with the trained result; they give the run's scores and predictions. A run that searches leaves <c>test</c> out.</summary>
    public virtual IReadOnlyList<string> SplitsAtEnd => [Splits.Validation];

    /// <summary>Of the evaluation that is under way, which looks at it between batches where it may take longer than seconds.</summary>
    public EvaluationWatch Watch { get; internal set; } = EvaluationWatch.None;

    /// <summary>How long <see cref="Evaluate"/> of the trained result will take, where that may be longer than the training: known before hours are spent. Called like it, before the first step.</summary>
    /// <returns>Measured on a small part of it; null where it is short.</returns>
    public virtual TimeSpan? EstimateEvaluation(IReadOnlyList<string> splits, TimeProvider time) => null;

    /// <summary>Evaluates the whole split; called in evaluation mode, without gradients, inside a dispose scope.</summary>
    /// <param name="keepPredictions">True for the final evaluation: fill <see cref="Evaluation.Predictions"/> where the task has classes.</param>
    public abstract Evaluation Evaluate(string split, bool keepPredictions);

    /// <summary>
    /// Tensors beyond the model and the optimizers that later steps depend on (a hidden state carried from batch to batch), by name.
    /// They go into every checkpoint and are overwritten in place when one is loaded, so names and shapes are the same at every step.
    /// </summary>
    public virtual IEnumerable<(string Name, Tensor Tensor)> State => [];

    /// <exception cref="InvalidOperationException">A number that has to be at least 1 is not.</exception>
    internal void RequireSound()
    {
        foreach (var (name, value) in new[]
        {
            (nameof(Steps), Steps), (nameof(StepsPerEpoch), StepsPerEpoch), (nameof(PartsPerStep), PartsPerStep), (nameof(LogEvery), LogEvery), (nameof(EvaluateEvery), EvaluateEvery),
        })
        {
            if (value < 1) throw new InvalidOperationException($"{GetType().Name}.{name} is at least 1; it is {value}.");
        }
    }

    /// <summary>Begins to prepare batches from a step on.</summary>
    internal abstract BatchFeed OpenFeed(long firstStep, TimeProvider time);

    /// <summary>Disposes the model, the optimizers and the tensors of the task.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing) return;
        foreach (var optimizer in Optimizers) optimizer.Dispose();
        Model.Dispose();
    }
}

/// <summary>A training task whose batches have a type: arrays in main memory, as the loader prepares them.</summary>
/// <typeparam name="TBatch">Disposed after its step where it is <see cref="IDisposable"/> (pooled arrays).</typeparam>
public abstract class TrainingTask<TBatch> : TrainingTask
{
    /// <summary>
    /// Prepares a part of a step's batch, as a pure function of (seed, step, part). Called on background threads, several at once and
    /// ahead of time: it must not touch the model, tensors on a device, or the engine's generator; random choices come from
    /// <see cref="Repro.Studies.Randomness.Philox"/>.
    /// </summary>
    /// <param name="part">0 .. <see cref="TrainingTask.PartsPerStep"/> - 1.</param>
    public abstract TBatch Prepare(long step, int part);

    /// <summary>The loss of a batch in training mode, ready for <c>backward()</c>, and what else is worth averaging; called inside a dispose scope.</summary>
    public abstract StepResult Forward(TBatch batch);

    /// <summary>Threads that prepare batches.</summary>
    protected virtual int LoaderThreads => 1;

    /// <summary>Batches prepared ahead at most.</summary>
    protected virtual int PreparedAhead => 8;

    internal override BatchFeed OpenFeed(long firstStep, TimeProvider time) =>
        new BatchFeed<TBatch>(this, firstStep, PreparedAhead, LoaderThreads, time);
}

/// <summary>What the forward pass of a training step gives. Values stay on the device; the loop reads their averages every <see cref="TrainingTask.LogEvery"/> steps.</summary>
/// <param name="Loss">A scalar, mean over the batch, with its graph.</param>
/// <param name="Reports">More scalars by name without split (<c>error</c> is logged as <c>train_error</c>).</param>
public sealed record StepResult(Tensor Loss, params IReadOnlyList<(string Name, Tensor Value)> Reports)
{
    /// <summary>What the gradient is taken of, where that is not the loss itself: a sum where the loss is logged as a mean, a loss with a penalty. A scalar with its graph; null: the loss.</summary>
    public Tensor? Objective { get; init; }
}

/// <summary>Metrics of one split.</summary>
/// <param name="Metrics">By name without split: <c>loss</c>, <c>error</c> become <c>test_loss</c>, <c>test_error</c>.</param>
/// <param name="Predictions">Of every example; null where not asked for or where the task has no classes. The loop fills in the step.</param>
public sealed record Evaluation(IReadOnlyDictionary<string, double> Metrics, PredictionSet? Predictions = null)
{
    /// <summary>What the trained result drew: samples in a grid, attention maps. Only of the final evaluation; kept with the run and shown in its report. Names differ within a split.</summary>
    public IReadOnlyList<Figure> Figures { get; init; } = [];

    /// <summary>What the trained result wrote: translations, sampled text. Likewise.</summary>
    public IReadOnlyList<TextSamples> Texts { get; init; } = [];

    /// <summary>Where scores are of translations: all of them, in the final evaluation. See <see cref="Experiment.Score"/>.</summary>
    public Translations? Translations { get; init; }
}

/// <summary>Which parameters are the result of a run: the best seen on validation.</summary>
/// <param name="Metric">With its split: <c>validation_error</c>. A metric of the test split is refused.</param>
/// <param name="LowerIsBetter">False for accuracies.</param>
/// <param name="Patience">Ends training after so many evaluations in a row that were not better. Null: trains all steps.</param>
/// <param name="From">Evaluations after fewer steps do not count: a part of the model is trained by itself until then.</param>
public sealed record Selection(string Metric, bool LowerIsBetter = true, int? Patience = null, long From = 0);

/// <summary>Names of splits, as they stand before a metric's name.</summary>
public static class Splits
{
    public const string Train = "train";
    public const string Validation = "validation";
    public const string Test = "test";
}
