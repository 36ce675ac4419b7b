namespace Repro.Figures.Images;

/// <summary>
/// An image could not be read, written or resized. The message is a sentence for the person who gave the file: which file, what is wrong
/// with it, what to do next.
/// </summary>
public sealed class ImageFileException(string message, Exception? inner = null) : Exception(message, inner);
