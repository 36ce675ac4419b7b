using System.Diagnostics;

namespace Repro.Shared;

/// <summary>A pipe with a name in the file system, which waits for who opens its other end.</summary>
internal static class NamedPipe
{
    private const string Program = "/usr/bin/mkfifo";

    /// <returns>Whether there is one now; false on machines without the program that makes them.</returns>
    public static bool Make(string path)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(Program)) return false;
        using var making = Process.Start(Program, [path]);
        making.WaitForExit();
        return making.ExitCode == 0;
    }

    /// <summary>Both ends at once, so that nothing waits for anybody: what others write stays in the pipe until it is read here, as long as it is short.</summary>
    public static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
}
