using Repro.Figures;
using Repro.Results.Provenance;
using Repro.Studies;

namespace Repro.Cli.Tests.Fakes;

/// <summary>The program's parts with nothing behind them that needs an engine.</summary>
internal static class FakeSurroundings
{
    public static Surroundings Create(TextWriter output, TextWriter error) => new()
    {
        Out = output,
        Error = error,
        Experiments = () => [new FakeExperiment("net"), new FakeExperiment("forest")],
        Train = FakeTraining.Run,
        Check = FakeTraining.Check,
        Engine = () => new EngineFacts("a fake engine", "build 1", "AVX2", "none"),
        RequireDevice = device =>
        {
            if (device != "cpu") throw new MissingComponentException($"The device '{device}' is not there.");
        },
        Renderer = () => new RecordingRenderer(),
        WorkerCommand = () => [Processes.ReproProcess.Dotnet, Processes.ReproProcess.Program, "worker"],
    };
}

/// <summary>Draws nothing but the names of figures.</summary>
internal sealed class RecordingRenderer : IFigureRenderer
{
    public string Name => "recorder 1.0";

    public IReadOnlyList<string> Render(Figure figure, string folder, params ReadOnlySpan<FigureFormat> formats)
    {
        Directory.CreateDirectory(folder);
        var files = new List<string>();
        foreach (var format in formats)
        {
            var file = Path.Combine(folder, $"{figure.Name}.{format.ToString().ToLowerInvariant()}");
            File.WriteAllText(file, format == FigureFormat.Svg ? "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\"></svg>" : figure.Title);
            files.Add(file);
        }
        return files;
    }
}

/// <summary>Refuses every figure, as where gnuplot is not installed.</summary>
internal sealed class RefusingRenderer : IFigureRenderer
{
    public string Name => "nothing";

    public IReadOnlyList<string> Render(Figure figure, string folder, params ReadOnlySpan<FigureFormat> formats) =>
        throw new FigureException("gnuplot is not installed. Install it with: apt-get install gnuplot-nox");
}
