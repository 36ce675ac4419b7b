namespace Repro.Torch;

/// <summary>libtorch, or the shim that reaches it, is not on this machine or does not fit. The message says what to do.</summary>
public sealed class EngineMissingException : Exception
{
    public EngineMissingException()
    {
    }

    public EngineMissingException(string message) : base(message)
    {
    }

    public EngineMissingException(string message, Exception inner) : base(message, inner)
    {
    }
}
