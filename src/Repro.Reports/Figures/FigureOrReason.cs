using Repro.Figures;

namespace Repro.Reports.Figures;

/// <summary>A figure, or the sentence that says why the data do not allow it. A figure that is merely missing looks like one that nobody thought of.</summary>
/// <param name="Figure">Null where there is a reason.</param>
/// <param name="Reason">Empty where there is a figure.</param>
public sealed record FigureOrReason(Figure? Figure, string Reason)
{
    public static implicit operator FigureOrReason(Figure figure) => FromFigure(figure);

    public static FigureOrReason FromFigure(Figure figure) => new(figure, "");

    public static FigureOrReason Because(string reason) => new(null, reason);
}
