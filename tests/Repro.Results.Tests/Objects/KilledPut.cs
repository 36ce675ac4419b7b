using System.Diagnostics;
using Repro.Workers.FakeWorker;

namespace Repro.Results.Tests.Objects;

/// <summary>A process that stores a large file, and is killed as soon as the store's own disk shows that it has begun.</summary>
internal static class KilledPut
{
    /// <param name="watched">Folder of the store, with all that is below.</param>
    /// <param name="begun">Whether a name that appears there is a sign of it.</param>
    public static void Run(string objects, string key, string file, string watched, Func<string, bool> begun, params ReadOnlySpan<(string Name, string Value)> environment)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(watched) { IncludeSubdirectories = true };
        watcher.Created += (_, made) =>
        {
            if (begun(made.FullPath)) seen.TrySetResult();
        };
        watcher.EnableRaisingEvents = true;
        var start = new ProcessStartInfo(FakeHost.Dotnet, [FakeHost.Program, "put", objects, key, file]) { RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var writer = Process.Start(start)!;
        var ended = writer.WaitForExitAsync();
        Task.WaitAny(seen.Task, ended);
        writer.Kill();
        writer.WaitForExit();
        Assert.True(seen.Task.IsCompleted, $"it never began: {writer.StandardError.ReadToEnd()}");
        // By a signal, in the middle of it.
        Assert.Equal(137, writer.ExitCode);
    }
}
