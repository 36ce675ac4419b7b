using Spectre.Console;

namespace Repro.Cli.Output;

/// <summary>A terminal that a person watches.</summary>
internal static class Terminal
{
    /// <summary>How wide text for people is where nobody watches.</summary>
    public const int PlainColumns = 100;

    /// <summary>Width of the process's terminal, 40 at least; <see cref="PlainColumns"/> where it has none.</summary>
    public static int Columns => Math.Max(40, Size(() => System.Console.WindowWidth, PlainColumns));

    /// <summary>Colours as far as the terminal has them; none where NO_COLOR is set.</summary>
    public static IAnsiConsole Console(TextWriter writer) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = AnsiSupport.Yes,
        Interactive = InteractionSupport.No,
        ColorSystem = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        Out = new TerminalOutput(writer),
    });

    private sealed class TerminalOutput(TextWriter writer) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => true;

        public int Width => Columns;

        public int Height => Size(() => System.Console.WindowHeight, 30);

        public void SetEncoding(System.Text.Encoding encoding)
        {
        }
    }

    private static int Size(Func<int> ask, int otherwise)
    {
        try
        {
            return ask() is > 0 and var size ? size : otherwise;
        }
        catch (IOException)
        {
            return otherwise;
        }
    }
}
