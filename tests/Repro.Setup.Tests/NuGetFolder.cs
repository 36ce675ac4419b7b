namespace Repro.Setup.Tests;

/// <summary>NuGet's package folder of the user that runs the tests, which has what they were built from.</summary>
public static class NuGetFolder
{
    public static string Path { get; } = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named
        ? named
        : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
}
