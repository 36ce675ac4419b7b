using Repro.Benchmarks.Engine;
using Repro.Experiments.Lstm;
using Repro.Training;
using static TorchSharp.torch;

namespace Repro.Benchmarks.Experiments;

/// <summary>The paper's small network on a text of as many words, drawn evenly.</summary>
internal static class LstmWorkloads
{
    private const int Words = 10_000, Width = 200, Layers = 2;
    private const double Parameters = (2.0 * Words * Width) + Words + (Layers * ((2 * 4 * Width * Width) + (2 * 4 * Width)));
    private static readonly LstmOptions Options = new();

    // A word meets four gates of two matrices in each layer, and the decoder.
    private const double Multiplications = (Layers * 2.0 * 4 * Width * Width) + (Width * Words);

    public static Work TrainingWork => Work.Training(Options.BatchSize * Options.Unroll * Multiplications, Parameters);

    /// <summary>Of a word; the table of words is looked into, not read.</summary>
    public static Work SamplingWork => Work.Generation(Multiplications, Parameters - (Words * Width));

    public static IWorkload Training()
    {
        var random = new Random(0);
        int[] Text(int length) => [.. Enumerable.Range(0, length).Select(_ => random.Next(Words))];
        var vocabulary = new WordVocabulary(Enumerable.Range(0, Words).Select(i => $"w{i}"));
        return new TaskStep(new LstmTask(Options, new RunContext(), new LstmText(vocabulary, Text(200_000), Text(1_000), () => [])));
    }

    /// <summary>One word after another, as <c>repro sample</c> writes them.</summary>
    internal sealed class Sampling : IWorkload
    {
        public const int Length = 100;
        private readonly LstmEnsemble _model = new(Options, Words, seed: 0);

        public Sampling() => _model.eval();

        public long Parameters => _model.parameters().Sum(parameter => parameter.numel());

        public void Step() => LstmWriting.Continue(_model, 1, [0], 1, new LstmSampling { Length = Length, Temperature = 0.8 }, seed: 0, index: 0, CPU);

        public void Dispose() => _model.Dispose();
    }
}
