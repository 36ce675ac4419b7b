using Repro.Cli.Output;
using Repro.Training;

namespace Repro.Cli.Running;

/// <summary>A line at the start, about every ten seconds, and at the end of each phase: for logs and pipes.</summary>
internal sealed class PlainDisplay(CommandOutput output, TimeProvider time) : IRunDisplay
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);
    private long _shown;
    private string? _phase;

    public T During<T>(Func<T> work) => work();

    public void Show(TrainingProgress progress)
    {
        if (_phase == progress.Phase && time.GetElapsedTime(_shown) < Every) return;
        // A phase that is over within the ten seconds (saving, a short evaluation) is not worth a line each time.
        if (_phase is not null && progress.Phase != "training" && time.GetElapsedTime(_shown) < Every) return;
        _phase = progress.Phase;
        _shown = time.GetTimestamp();
        output.Say(ProgressText.Line(progress));
    }

    public void Say(string line) => output.Say(line);
}
