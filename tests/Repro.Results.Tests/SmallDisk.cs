using System.Diagnostics;

namespace Repro.Results.Tests;

/// <summary>A file system of a test's own with little room, in memory.</summary>
public sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    /// <summary>Skips the test where it cannot be mounted.</summary>
    public static SmallDisk Mount(string path, int kibibytes)
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.UserName == "root", "mounting a small file system needs root on Linux");
        Directory.CreateDirectory(path);
        Skip.If(Command("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k", "none", path) != 0, "this system lets not even root mount a tmpfs");
        return new SmallDisk(path);
    }

    public void Grow(int kibibytes) => Assert.Equal(0, Command("mount", "-o", $"remount,size={kibibytes}k", Path));

    public void MakeReadOnly() => Assert.Equal(0, Command("mount", "-o", "remount,ro", Path));

    public void Dispose() => Command("umount", "--lazy", Path);

    private static int Command(string name, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
