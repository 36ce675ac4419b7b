using System.Diagnostics;

namespace Repro.Torch.Tests;

/// <summary>Runs scripts of tests/peers as processes of Debian's own Python, which is where python3-torch is.</summary>
internal static class PythonScripts
{
    private const string Python = "/usr/bin/python3";

    /// <summary>Why such scripts cannot run here; null where they can.</summary>
    public static string? Obstacle { get; } = FindObstacle();

    /// <summary>What the script prints.</summary>
    public static string Run(string script, params string[] arguments)
    {
        var (code, output, errors) = Start([Path.Combine(Peers()!, script), .. arguments]);
        Assert.True(code == 0, $"{script} gave {code}: {errors}");
        return output;
    }

    private static string? FindObstacle() =>
        !File.Exists(Python) ? $"there is no {Python}"
        : Peers() is null ? "tests/peers is not above the test program"
        : Start(["-c", "import torch"]).Code != 0 ? $"{Python} has no torch (Debian's package python3-torch)" : null;

    private static string? Peers()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "tests", "peers") is var peers && Directory.Exists(peers))
                return peers;
        return null;
    }

    private static (int Code, string Output, string Errors) Start(string[] arguments)
    {
        using var python = Process.Start(new ProcessStartInfo(Python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = python.StandardError.ReadToEndAsync();
        var output = python.StandardOutput.ReadToEnd();
        python.WaitForExit();
        return (python.ExitCode, output, errors.Result);
    }
}
