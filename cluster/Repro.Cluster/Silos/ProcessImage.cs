using System.Runtime.InteropServices;

namespace Repro.Cluster.Silos;

/// <summary>Starts the program anew in the place of this process, under its number: nothing that is still in its memory can act any more.</summary>
public static partial class ProcessImage
{
    /// <summary>Returns only where it failed.</summary>
    /// <returns>Why, in the system's words.</returns>
    public static string Replace()
    {
        var program = Environment.ProcessPath!;
        var command = Environment.GetCommandLineArgs();
        string?[] arguments = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [program, .. command, null] : [program, .. command.Skip(1), null];
        Console.Out.Flush();
        Console.Error.Flush();
        return Execute(program, arguments) == 0 ? "" : Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] arguments);
}
