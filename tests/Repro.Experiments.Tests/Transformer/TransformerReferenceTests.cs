using System.Text.Json;
using Repro.Experiments.Transformer;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Transformer;

/// <summary>
/// Values, gradients and three steps of Adam beside PyTorch's own layers, computed in float64 by <c>tests/peers/transformer_reference.py</c> from the same parameters and
/// sentences, and kept in <c>transformer-reference.json</c>.
/// </summary>
public sealed class TransformerReferenceTests
{
    private const double Smoothing = 0.1;

    internal static readonly TransformerShape Shape = new(13, 2, 8, 12, 2, 0, 0, 0, PositionKind.Sinusoids);

    private static readonly long[] Source = [5, 7, 4, 2, 0, 8, 2, 0, 0, 0, 9, 4, 10, 11, 2], Target = [1, 6, 4, 0, 1, 9, 0, 0, 1, 12, 5, 8];
    private static readonly long[] Places = [0, 1, 2, 4, 5, 8, 9, 10, 11], Expected = [6, 4, 2, 9, 2, 12, 5, 8, 2];

    private static readonly JsonElement PyTorch = PyTorchReference.Read("Transformer", "transformer-reference.json");

    [Fact]
    public void Losses_gradients_and_three_steps_agree_with_PyTorch()
    {
        using var model = new TransformerModel(Shape, seed: 0);
        SetParameters(model);
        using var optimizer = TransformerTask.Adam(new TransformerOptions { PeakLearningRate = 0.01 }, model);
        var batch = new TranslationBatch(3, Source, Target, Places, Expected, Padded: true, Share: 1);
        for (var step = 0; step < 3; step++)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var (loss, plain) = TransformerTask.Loss(model, batch, CPU, Smoothing);
            loss.backward();
            PyTorchReference.Close(PyTorch.GetProperty("losses")[step], loss, $"loss {step}");
            if (step == 0)
            {
                PyTorchReference.Close(PyTorch.GetProperty("plain"), plain, "plain cross-entropy");
                foreach (var (name, parameter) in model.named_parameters())
                    PyTorchReference.CloseNumbers(PyTorch.GetProperty("gradients").GetProperty(name), PyTorchReference.SomeOfGradient(parameter), name);
            }
            optimizer.step();
        }
        foreach (var (name, parameter) in model.named_parameters())
        {
            // Keys' biases change no softmax: their gradients are rounding, which Adam makes as large as any other.
            var counted = PyTorchReference.Values(parameter).Where((_, i) => !name.EndsWith("in_proj_bias", StringComparison.Ordinal) || i / 8 != 1);
            PyTorchReference.CloseNumbers(PyTorch.GetProperty("parameter_sums").GetProperty(name), [counted.Sum()], "sum of " + name);
        }
    }

    [Fact]
    public void The_encoders_output_and_the_logits_agree_with_PyTorch_wherever_there_is_no_padding()
    {
        using var scope = NewDisposeScope();
        using var model = new TransformerModel(Shape, seed: 0);
        SetParameters(model);
        model.eval();
        var (source, target) = (tensor(Source, [3, 5]), tensor(Target, [3, 4]));
        var memory = model.Encode(source, model.SourceMask(source));
        PyTorchReference.Close(PyTorch.GetProperty("memory"), memory[source.ne(PieceVocabulary.Padding)], "memory");
        PyTorchReference.Close(PyTorch.GetProperty("logits"), model.Logits(model.call(source, target).view(12, 8).index_select(0, tensor(Places))), "logits");
    }

    [Fact]
    public void Attention_of_several_heads_agrees_with_PyTorchs_MultiheadAttention()
    {
        using var scope = NewDisposeScope();
        var attention = new MultiHeadAttention(Shape, new InitialValues(0));
        SetParameters(attention);
        var x = tensor(Enumerable.Range(0, 48).Select(i => (float)Math.Sin(0.37 * i)).ToArray(), [2, 3, 8]);
        var memory = tensor(Enumerable.Range(0, 64).Select(i => (float)Math.Cos(0.53 * i)).ToArray(), [2, 4, 8]);
        var expected = PyTorch.GetProperty("attention");

        PyTorchReference.Close(expected.GetProperty("self"), attention.Run(x, x, null), "self-attention");
        Tensor? weights = null;
        PyTorchReference.Close(expected.GetProperty("read"), attention.Run(x, memory, null, seen => weights = seen.clone()), "attention to another sequence");
        PyTorchReference.Close(expected.GetProperty("weights"), weights!, "weights");
    }

    /// <summary>The formula that the script states.</summary>
    internal static void SetParameters(nn.Module model) => PyTorchReference.SetParameters(model, 0.3, gains: ".norm");
}
