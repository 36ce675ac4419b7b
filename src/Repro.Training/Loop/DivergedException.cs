namespace Repro.Training.Loop;

/// <summary>A value that has to be a number is none any more. The message is for a person and becomes the run's failure.</summary>
internal sealed class DivergedException(string message) : Exception(message);
