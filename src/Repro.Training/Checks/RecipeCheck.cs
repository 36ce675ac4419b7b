using Repro.Figures;

namespace Repro.Training.Checks;

/// <summary>One question that the recipe asks of a model.</summary>
/// <param name="name">kebab-case; the word for it on the command line and in reports.</param>
/// <param name="question">One sentence.</param>
internal abstract class RecipeCheck(string name, string question)
{
    public string Name => name;

    /// <exception cref="OperationCanceledException">The subject's token was cancelled; noticed between steps.</exception>
    public abstract CheckResult Run(CheckSubject subject);

    protected CheckResult Passed(double value, string expected, string detail, params IReadOnlyList<Figure> figures) =>
        Result(CheckVerdict.Passed, value, expected, detail, figures);

    protected CheckResult Failed(double value, string expected, string detail, params IReadOnlyList<Figure> figures) =>
        Result(CheckVerdict.Failed, value, expected, detail, figures);

    protected CheckResult Look(double value, string expected, string detail, params IReadOnlyList<Figure> figures) =>
        Result(CheckVerdict.Look, value, expected, detail, figures);

    protected CheckResult NotApplicable(string because) => Result(CheckVerdict.NotApplicable, double.NaN, "", because, []);

    private CheckResult Result(CheckVerdict verdict, double value, string expected, string detail, IReadOnlyList<Figure> figures) =>
        new(name, question, value, expected, verdict, detail, figures);
}
