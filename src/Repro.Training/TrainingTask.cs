namespace Repro.Training;

public abstract class TrainingTask;
