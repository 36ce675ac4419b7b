namespace Repro.Training;

/// <summary>A run that must not know anything of the test split asked for it: a mistake of the experiment.</summary>
/// <param name="what">What was asked for, as the beginning of a sentence.</param>
public sealed class SealedTestException(string what)
    : Exception($"{what} while test is sealed. Runs of a search never see test; only the confirmation of a chosen configuration does, once. Leave test out of what is evaluated while training, and read it in Evaluate(\"test\") alone.");
