namespace Repro.Results.Runs;

/// <summary>
/// The disk refused something of a run: it is full, read-only, or the limit on the size of files was reached. The message is a sentence for a
/// person and says what is kept.
/// </summary>
public sealed class StorageException(string message, Exception? inner = null) : Exception(message, inner)
{
    private const int NoSpace = 28, FileTooBig = 27, QuotaExceeded = 122;
    private const int UnspecificIo = unchecked((int)0x80131620); // COR_E_IO

    /// <summary>Whether <paramref name="error"/> or what caused it says that there is no room: disk full, quota, limit on the size of a file.</summary>
    public static bool IsNoRoom(Exception? error) => error switch
    {
        null => false,
        IOException io when (io.HResult & 0xFFFF) is NoSpace or FileTooBig or QuotaExceeded || IsRefusedAllocation(io) => true,
        _ => IsNoRoom(error.InnerException),
    };

    // .NET asks for the room of a file that it writes at one go, and what it throws where there is none has no number of the operating system.
    private static bool IsRefusedAllocation(IOException error) =>
        error.HResult == UnspecificIo && error.Message.Contains("allocation size", StringComparison.Ordinal);

    /// <summary>What the operating system said, without the path, which the caller's sentence has already.</summary>
    public static string Reason(Exception error) =>
        IsNoRoom(error) ? (error.HResult & 0xFFFF) switch
        {
            _ when error.Message.Contains("file was too large", StringComparison.Ordinal) => "the limit on the size of a file is reached (ulimit -f)",
            FileTooBig => "the limit on the size of a file is reached (ulimit -f)",
            QuotaExceeded => "the disk quota is used up",
            _ => "no space is left on the device",
        }
        : error is UnauthorizedAccessException ? "permission denied"
        : error.Message.Split(" : '")[0].TrimEnd('.');
}
