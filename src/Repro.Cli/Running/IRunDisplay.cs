using Repro.Training;

namespace Repro.Cli.Running;

/// <summary>Shows a person how a run goes on.</summary>
internal interface IRunDisplay
{
    /// <summary>Executes <paramref name="work"/> with the display open.</summary>
    T During<T>(Func<T> work);

    /// <summary>Where training stands now; may be called often.</summary>
    void Show(TrainingProgress progress);

    /// <summary>A line that stays.</summary>
    void Say(string line);
}
