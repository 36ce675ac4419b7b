using Repro.Studies.Sweeps;

namespace Repro.Reports.Comparison;

/// <summary>What a class of failures means, for people.</summary>
public static class FailureWords
{
    /// <summary>As the beginning of a sentence that the message ends.</summary>
    public static string Of(FailureClass? failure) => failure switch
    {
        FailureClass.NotFinite => "Training diverged",
        FailureClass.OutOfMemory => "There was not enough memory",
        FailureClass.Machine => "The machine lacked something",
        FailureClass.Bug => "The program or the experiment failed",
        FailureClass.Crash => "The worker's process crashed",
        FailureClass.Hang => "The worker's process gave no sign of life",
        FailureClass.Lost => "Whoever trained it was lost",
        FailureClass.Cancelled => "It was stopped on request",
        _ => "It failed, for a cause whose class was not recorded",
    };

    /// <summary>The class of a failure whose log has none, from the words of the message; null where they do not tell.</summary>
    public static FailureClass? From(string message)
    {
        return Has("out of memory", "can't allocate memory") ? FailureClass.OutOfMemory
            : Has("NaN", "infinite", "no number any more") ? FailureClass.NotFinite
            : Has("no space is left", "disk quota", "limit on the size of a file", "is not here") ? FailureClass.Machine
            : null;

        bool Has(params string[] words) => Array.Exists(words, word => message.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Why the study has an attempt tried again, or not.</summary>
    public static string Again(RunFailed failed, RetryLimits limits)
    {
        if (failed.Again) return "it is tried again";
        return limits.Of(failed.Class) switch
        {
            0 => $"not tried again: the study allows no retry of {Word(failed.Class)}",
            var allowed => $"not tried again: its {allowed} {(allowed == 1 ? "retry" : "retries")} of {Word(failed.Class)} {(allowed == 1 ? "is" : "are")} used up since it last got further",
        };
    }

    public static string Word(FailureClass failure) => Studies.Options.OptionText.Write(failure).Replace('_', ' ');
}
