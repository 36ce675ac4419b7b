namespace Repro.Cli;

/// <summary>What the program's end says to scripts.</summary>
public static class ExitCode
{
    public const int Done = 0;

    /// <summary>The work failed: a run diverged, a check did not pass, the disk is full, an unexpected error.</summary>
    public const int Failed = 1;

    /// <summary>A name, a value, a file or the usage is wrong.</summary>
    public const int BadInput = 2;

    /// <summary>A component or a data set is not on this machine.</summary>
    public const int Missing = 3;

    /// <summary>Stopped on request.</summary>
    public const int Cancelled = 130;
}
