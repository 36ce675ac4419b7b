using System.Text;

namespace Repro.Cli.Output;

/// <summary>
/// A standard stream whose failure never ends the work: from the first write that the system refuses (a full disk, a terminal that is gone, a
/// closed descriptor) all that is written is dropped, as it is where the reader of a pipe has gone.
/// </summary>
internal sealed class DroppingWriter(TextWriter inner) : TextWriter
{
    private volatile Exception? _failure;

    /// <summary>Why output was dropped; null where all was written.</summary>
    public Exception? Failure => _failure;

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Try(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void Write(string? value) => Try(() => inner.Write(value));

    public override void WriteLine() => Try(inner.WriteLine);

    // In one call, so that the lines of several threads do not mix.
    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    public override void Flush() => Try(inner.Flush);

    private void Try(Action write)
    {
        if (_failure is not null) return;
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _failure = e;
        }
    }
}
