namespace Repro.Studies.Runs;

/// <summary>One measured value of a run. (run, name, step) is unique.</summary>
/// <param name="Name">snake_case with the split first where there is one: <c>train_loss</c>, <c>validation_error</c>.</param>
/// <param name="Step">Optimizer steps taken when it was measured; 0 is before the first.</param>
/// <param name="Value">May be NaN or infinite: a diverged run has to be able to say so.</param>
/// <param name="Seconds">Training time of the run so far, all attempts together; not part of a run's identity.</param>
public readonly record struct MetricPoint(string Name, long Step, double Value, double Seconds);
