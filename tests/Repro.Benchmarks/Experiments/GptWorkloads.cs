using Repro.Benchmarks.Engine;
using Repro.Experiments.Transformer;
using Repro.Training;
using static TorchSharp.torch;

namespace Repro.Benchmarks.Experiments;

/// <summary>nanoGPT's setting for a CPU on a text of as many characters, drawn evenly.</summary>
internal static class GptWorkloads
{
    /// <summary>Characters that are written: as many as the context holds.</summary>
    public const int Length = 64;

    private const int Characters = 65, Width = 128, Layers = 4;
    private const double Parameters = (Width * (Characters + Length + 1)) + (Layers * ((12.0 * Width * Width) + (2 * Width)));

    private static readonly GptOptions Options = (GptOptions)new GptExperiment().Profiles.Single(profile => profile.Name == "cpu").Options;

    // A layer's matrices are 3 + 1 + 4 + 4 squares of the width; a character looks at half of the context on average, for the weights and for the values.
    private const double Multiplications = (Layers * ((12.0 * Width * Width) + (2 * Width * (Length + 1) / 2))) + (Width * Characters);

    public static Work TrainingWork => Work.Training(Options.BatchSize * Length * Multiplications, Parameters, state: 2);

    /// <summary>Of a character.</summary>
    public static Work SamplingWork => Work.Generation(Multiplications, Parameters);

    public static IWorkload Training()
    {
        var (alphabet, random) = (GptText.Alphabet(GptText.Shakespeare), new Random(0));
        string Text(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => alphabet[random.Next(Characters)]));
        return new TaskStep(new GptTask(Options, new RunContext(), new GptText(alphabet, Text(200_000), Text(10_000))));
    }

    /// <summary>One character after another, as <c>repro sample</c> writes them.</summary>
    internal sealed class Sampling : IWorkload
    {
        private readonly GptModel _model = new(Options, Characters, seed: 0);

        public Sampling() => _model.eval();

        public long Parameters => _model.parameters().Sum(parameter => parameter.numel());

        public void Step() => GptWriting.Continue(_model, Options, [0], 1, new GptSampling { Length = Length, TopK = 0 }, seed: 0, index: 0, CPU);

        public void Dispose() => _model.Dispose();
    }
}
