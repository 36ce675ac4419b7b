using Repro.Cli.Output;
using Repro.Figures;

namespace Repro.Cli.Running;

/// <summary>Says once, beside the note in the report, why figures are missing.</summary>
internal sealed class TellingRenderer : IFigureRenderer
{
    private readonly IFigureRenderer _inner;
    private readonly CommandOutput _output;
    private readonly HashSet<string> _said = [];

    private TellingRenderer(IFigureRenderer inner, CommandOutput output) => (_inner, _output) = (inner, output);

    public string Name => _inner.Name;

    /// <summary>What draws on this machine; null, and said, where nothing does.</summary>
    public static TellingRenderer? Of(Surroundings surroundings, CommandOutput output)
    {
        try
        {
            return new TellingRenderer(surroundings.Renderer(), output);
        }
        catch (FigureException e)
        {
            output.Complain($"The report has no figures: {e.Message}");
            return null;
        }
    }

    public IReadOnlyList<string> Render(Figure figure, string folder, params ReadOnlySpan<FigureFormat> formats)
    {
        try
        {
            return _inner.Render(figure, folder, formats);
        }
        catch (FigureException e)
        {
            if (_said.Add(e.Message)) _output.Complain($"The report lacks the figure {figure.Name}: {e.Message}");
            throw;
        }
    }
}
