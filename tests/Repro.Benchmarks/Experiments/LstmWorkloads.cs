using Repro.Benchmarks.Engine;
using Repro.Experiments;
using Repro.Experiments.Lstm;
using Repro.Training;
using TorchSharp;
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
        var vocabulary = new Vocabulary(Enumerable.Range(0, Words).Select(i => $"w{i}"));
        return new TaskStep(new LstmTask(Options, new RunContext(), new LstmText(vocabulary, Text(200_000), Text(1_000), () => [])));
    }

    /// <summary>One word after another.</summary>
    internal sealed class Sampling : IWorkload
    {
        public const int Length = 100;
        private readonly LstmModel _model = new(Words, Layers, Width, 0, 0, 0.1, new InitialValues(0));

        public Sampling() => _model.eval();

        public void Step()
        {
            using var recording = no_grad();
            var state = _model.Begin(1);
            var word = zeros([1, 1], ScalarType.Int64);
            for (var i = 0; i < Length; i++)
            {
                using var before = word;
                using var stateBefore = state;
                (var logits, state) = _model.call(before, stateBefore);
                using (logits)
                {
                    using var scaled = logits.view(1, -1).div(0.8);
                    using var probabilities = scaled.softmax(1);
                    word = probabilities.multinomial(1);
                }
            }
            word.Dispose();
            state.Dispose();
        }

        public void Dispose() => _model.Dispose();
    }
}
