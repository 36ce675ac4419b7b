namespace Repro.Studies.Randomness;

/// <summary>What a sequence of random numbers is for. Different purposes under one seed are independent. Numbers are part of the format: never reuse one.</summary>
public enum RandomPurpose
{
    /// <summary>Initial parameters. The index is the number of the draw.</summary>
    Initialization = 1,

    /// <summary>The seed of the engine's own generator (dropout, sampling inside a model). The index is the step.</summary>
    Engine = 2,

    /// <summary>The order of examples. The index is the epoch.</summary>
    Order = 3,

    /// <summary>Augmentation of examples. The index is (step, position in the batch) or (epoch, example).</summary>
    Augmentation = 4,

    /// <summary>The division of a data set into training and validation parts.</summary>
    Split = 5,

    /// <summary>Generated data sets. The index is the example.</summary>
    GeneratedData = 6,

    /// <summary>Recipe checks: which examples they look at, what they replace.</summary>
    Checks = 7,

    /// <summary>Choices made for people: which examples a report shows.</summary>
    Report = 8,

    /// <summary>Suggested configurations of a sweep. The index is the number of the suggestion.</summary>
    Suggestion = 20,

    /// <summary>Scrambling of quasi-random sequences. The index is the dimension.</summary>
    Scrambling = 21,

    /// <summary>Seeds of a sweep's runs. The index is which of a trial's runs.</summary>
    RunSeed = 22,

    /// <summary>Orders in which trials of a stored sweep arrive when pruners are replayed over it. The index is the number of the order.</summary>
    ArrivalOrder = 23,

    /// <summary>Resamples of a bootstrap. The index is the number of the resample.</summary>
    Bootstrap = 24,

    /// <summary>Regression forests: which trials and splits each sees. The index is the number of the forest.</summary>
    Forest = 25,
}
