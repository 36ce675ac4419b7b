using System.Reflection;
using System.Text.Json.Nodes;
using Repro.Figures;
using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Cli.Output;

/// <summary>Turns an exception into one line for people and an exit code. A stack trace is shown with REPRO_DEBUG=1 only.</summary>
internal static class Failures
{
    public static int Report(Exception error, CommandOutput output)
    {
        var meant = Meant(error);
        var (code, status) = meant switch
        {
            BadInputException => (ExitCode.BadInput, "bad_input"),
            MissingComponentException => (ExitCode.Missing, "missing"),
            OperationCanceledException => (ExitCode.Cancelled, "cancelled"),
            _ => (ExitCode.Failed, "failed"),
        };
        var line = Sentence(meant);
        output.Complain(line);
        if (IsDebug) output.Complain(error.ToString());
        output.Result(new JsonObject { ["status"] = status, ["error"] = line, ["exit_code"] = code });
        return code;
    }

    /// <summary>One line for people; where the error was not expected, the details go into a file that the line names.</summary>
    public static string Sentence(Exception error) => Meant(error) switch
    {
        BadInputException or MissingComponentException or StorageException or FigureException => Meant(error).Message,
        OperationCanceledException => "Stopped on request.",
        var e when OutOfMemory.Sentence(e) is { } sentence => sentence,
        var e when StorageException.IsNoRoom(e) => $"{StorageException.Reason(e)}: {e.Message}",
        var e => $"Unexpected error: {e.Message.Split('\n')[0].TrimEnd('.', '\r')} ({e.GetType().Name}). {Details(error)}",
    };

    private static bool IsDebug => Environment.GetEnvironmentVariable("REPRO_DEBUG") is { Length: > 0 } and not "0";

    /// <summary>What was meant for a person may be wrapped by the runtime: by a static constructor, a task, or reflection.</summary>
    private static Exception Meant(Exception error)
    {
        for (Exception? e = error; e is not null; e = e.InnerException)
        {
            if (e is BadInputException or MissingComponentException or StorageException or FigureException or OperationCanceledException) return e;
        }
        while (error is AggregateException or TargetInvocationException or TypeInitializationException && error.InnerException is not null) error = error.InnerException;
        return error;
    }

    private static string Details(Exception error)
    {
        if (IsDebug) return "The details are below.";
        var file = Path.Combine(Path.GetTempPath(), $"repro-error-{DateTime.UtcNow:yyyyMMdd-HHmmss}-{Environment.ProcessId}.txt");
        try
        {
            File.WriteAllText(file, $"{Environment.CommandLine}\n{error}\n");
            return $"The details are in {file}.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "REPRO_DEBUG=1 shows the details.";
        }
    }
}
