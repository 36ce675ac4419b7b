using Repro.Studies.Sweeps;

namespace Repro.Reports.Comparison;

/// <summary>Why a run or a sweep stands where it does, told from what is stored of it.</summary>
/// <param name="Why">One sentence, or few: the cause.</param>
public sealed record Account(string Subject, string Status, string Why)
{
    /// <summary>What happened, in order.</summary>
    public IReadOnlyList<AccountLine> History { get; init; } = [];

    /// <summary>What the measured values and the conditions say besides; sentences.</summary>
    public IReadOnlyList<string> Findings { get; init; } = [];

    /// <summary>Of a sweep: its failed attempts by cause, the most frequent first.</summary>
    public IReadOnlyList<FailureCause> Failures { get; init; } = [];

    /// <summary>What a person may do now, the likeliest first.</summary>
    public IReadOnlyList<NextStep> Next { get; init; } = [];
}

/// <param name="Attempt">Null where it is about no attempt.</param>
/// <param name="Event">The stored word: started, checkpoint, failed.</param>
public sealed record AccountLine(DateTimeOffset At, int? Attempt, string Event, string Words);

/// <param name="When">What the command is for.</param>
public sealed record NextStep(string When, string Command);

/// <summary>Attempts of a sweep that failed alike.</summary>
/// <param name="Message">Of the first of them.</param>
/// <param name="Runs">Each once, in the order of their keys.</param>
/// <param name="Again">How many of the attempts were tried again.</param>
public sealed record FailureCause(FailureClass Class, string Message, int Attempts, IReadOnlyList<RunKey> Runs, int Again);
