using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Repro.Cluster.Silos;

/// <summary>
/// What a silo writes to standard error: its own sentences. Orleans reports each call to a silo that has just died as an error of its own; who died, and what became
/// of its runs, we say ourselves, so of the libraries under it only what is critical is written, and nothing while it joins and leaves: what then goes wrong is the
/// command's to tell. REPRO_DEBUG=1 has all of their errors, with stack traces.
/// </summary>
internal sealed class SiloLog
{
    private volatile bool _works;

    /// <summary>Whether the silo has joined and does not leave yet.</summary>
    public bool Works
    {
        get => _works;
        set => _works = value;
    }

    private static bool IsDebug => Environment.GetEnvironmentVariable("REPRO_DEBUG") is { Length: > 0 } and not "0";

    public void AddTo(ILoggingBuilder logging, bool json)
    {
        logging.AddFilter((category, level) => IsOwn(category) ? level >= LogLevel.Information : IsDebug ? level >= LogLevel.Error : Works && level >= LogLevel.Critical);
        // Standard output is the command's.
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (json) logging.AddJsonConsole(console => (console.UseUtcTimestamp, console.TimestampFormat) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ"));
        else logging.AddConsole(console => console.FormatterName = Lines.Word).AddConsoleFormatter<Lines, ConsoleFormatterOptions>();
    }

    private static bool IsOwn(string? category) => category?.StartsWith("Repro.", StringComparison.Ordinal) == true;

    /// <summary>A line an entry: <c>12:05:07 warning: Silo gpu7 is gone</c>.</summary>
    internal sealed class Lines() : ConsoleFormatter(Word)
    {
        public const string Word = "lines";

        public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
        {
            var (own, error) = (IsOwn(logEntry.Category), logEntry.Exception);
            var text = FirstLine(logEntry.Formatter(logEntry.State, null));
            var why = error?.GetBaseException().Message is { } reason && !text.Contains(FirstLine(reason), StringComparison.Ordinal) ? $" ({FirstLine(reason)})" : "";
            var level = logEntry.LogLevel switch { LogLevel.Warning => "warning: ", >= LogLevel.Error => "error: ", _ => "" };
            textWriter.WriteLine($"{DateTime.Now.ToString("HH:mm:ss", CultureInfo.InvariantCulture)} {level}{(own ? "" : $"{logEntry.Category.Split('.')[0]}: ")}{text}{why}");
            if (error is not null && IsDebug) textWriter.WriteLine(error);
        }

        private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd();
    }
}
