using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Sweeps;
using Repro.Training;
using Repro.Workers.Protocol;

namespace Repro.Cli.Workers;

/// <summary>Says of what class a failure is, which decides whether a run is tried again.</summary>
internal static class WorkerFailures
{
    // As libtorch's allocators say it: of the GPU and of the CPU.
    private static readonly string[] MemoryWords = ["out of memory", "can't allocate memory"];

    public static FailedMessage Describe(Exception error)
    {
        for (var e = error; e is not null; e = e.InnerException)
        {
            if (e is OutOfMemoryException || MemoryWords.Any(words => e.Message.Contains(words, StringComparison.OrdinalIgnoreCase)))
                return new FailedMessage(FailureClass.OutOfMemory, FirstLine(e));
            if (e is StorageException or MissingComponentException) return new FailedMessage(FailureClass.Machine, e.Message);
            if (e is BadInputException) return new FailedMessage(FailureClass.Bug, e.Message);
            if (StorageException.IsNoRoom(e)) return new FailedMessage(FailureClass.Machine, $"{StorageException.Reason(e)}: {FirstLine(e)}");
        }
        return new FailedMessage(FailureClass.Bug, $"{FirstLine(error)} ({error.GetType().Name}); the run's log has the details.");
    }

    public static FailedMessage Describe(RunOutcome failed) => new(
        failed.Why switch { RunFailure.NotFinite => FailureClass.NotFinite, RunFailure.Storage => FailureClass.Machine, _ => FailureClass.Bug },
        failed.Failure ?? "It was not said why.");

    private static string FirstLine(Exception error) => error.Message.Split('\n')[0].TrimEnd('.', '\r');
}
