using Repro.Figures;

namespace Repro.Training.Checks;

/// <summary>
/// What the model says of a few fixed held-out examples as it trains: for a classifier the probability of the true class, otherwise the loss.
/// The examples are the first ones of the held-out batch.
/// </summary>
internal sealed class PredictionDynamics() : RecipeCheck("prediction-dynamics", "How do the predictions of fixed held-out examples move while the model trains?")
{
    private const int Examples = 6;

    public override CheckResult Run(CheckSubject subject)
    {
        var looks = subject.Reference.HeldOutLooks;
        var classifier = looks[0].RightClass is not null;
        double[] steps = [.. looks.Select(look => (double)look.Step)];
        double[][] values = [.. looks.Select(look => look.RightClass ?? look.Losses)];
        var examples = Math.Min(Examples, values[0].Length);
        var labels = subject.IsClassifier && classifier ? TensorBits.Integers(subject.Reference.HeldOut.Targets) : null;
        var lines = Enumerable.Range(0, examples).Select(i => (Mark)new Line(Label(subject, labels, i), i, steps, [.. values.Select(v => v[i])])).ToList();
        lines.Add(new Line("mean of all", examples, steps, [.. values.Select(v => v.Average())], Dashed: true));
        var what = classifier ? "probability of the true class" : "loss (nats)";
        var axis = classifier ? new Axis(what, Min: 0, Max: 1) : new Axis(what);
        var figure = new Figure("prediction-dynamics", "Predictions of fixed held-out examples", new Axis("step"), axis, lines)
        {
            Caption = $"The first {examples} of {values[0].Length} held-out examples, in evaluation mode; the dashed line is the mean of all of them.",
        };
        var moved = Enumerable.Range(0, values[0].Length).Max(i => values.Max(v => v[i]) - values.Min(v => v[i]));
        var found = $"The mean {what} goes from {values[0].Average():0.###} to {values[^1].Average():0.###} over {looks[^1].Step} steps; the prediction that moved most moved by {moved:0.###}.";
        const string Expected = "> 0";
        if (moved > 0) return Look(moved, Expected, $"{found} Lines that jump up and down mean a learning rate that is too high; lines that hardly move, one that is too low.", figure);
        return Failed(moved, Expected,
            double.IsNaN(moved)
                ? $"{found} Predictions are not finite: the training diverged, or running statistics did."
                : $"{found} No prediction moved at all: a learning rate of zero, or an optimizer that does not hold the model's parameters, usually causes this.", figure);
    }

    private static string Label(CheckSubject subject, long[]? labels, int example) =>
        labels is null ? $"example {example}" : $"example {example}: {(labels[example] >= 0 && labels[example] < subject.Recipe.Classes.Count ? subject.Recipe.Classes[(int)labels[example]] : labels[example])}";
}
