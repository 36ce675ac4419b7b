using System.Globalization;
using Repro.Cli.Output;
using Repro.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Repro.Cli.Running;

/// <summary>A bar and a line of numbers that stay in place on a terminal, redrawn at most five times a second.</summary>
internal sealed class LiveDisplay(CommandOutput output, TimeProvider time, string title) : IRunDisplay
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(200);
    private readonly IAnsiConsole _console = Terminal.Console(output.People);
    private LiveDisplayContext? _context;
    private long _shown;

    public T During<T>(Func<T> work) =>
        _console.Live(new Text($"{title}: starting")).AutoClear(true).Start(context =>
        {
            _context = context;
            try
            {
                context.Refresh();
                return work();
            }
            finally
            {
                _context = null;
            }
        });

    public void Show(TrainingProgress progress)
    {
        if (_context is not { } context || time.GetElapsedTime(_shown) < Every) return;
        _shown = time.GetTimestamp();
        context.UpdateTarget(Draw(progress));
    }

    public void Say(string line)
    {
        if (_context is null) output.Say(line);
        else _console.WriteLine(line);
    }

    private Rows Draw(TrainingProgress progress)
    {
        var share = progress.Steps > 0 ? Math.Clamp((double)progress.Step / progress.Steps, 0, 1) : 0;
        var width = Math.Clamp(_console.Profile.Width - 40 - Math.Max(10, progress.Phase.Length), 10, 60);
        var done = (int)Math.Round(share * width);
        var bar = new Paragraph()
            .Append(title, new Style(decoration: Decoration.Bold))
            .Append($"  {progress.Phase,-10} ")
            .Append(new string('━', done), new Style(Color.Green))
            .Append(new string('─', width - done), new Style(Color.Grey))
            .Append($" {(100 * share).ToString("0.0", CultureInfo.InvariantCulture)}%");
        return new Rows((IRenderable)bar, new Text(string.Join("  ", ProgressText.Fields(progress))));
    }
}
