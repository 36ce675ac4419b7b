using System.Text.Json;
using Repro.Experiments.Transformer;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Transformer;

/// <summary>
/// Values, gradients and three steps of Adam beside PyTorch's own layers, computed in float64 by <c>tests/peers/transformer_reference.py</c> from the same parameters and
/// sentences, and kept in <c>transformer-reference.json</c>.
/// </summary>
public sealed class TransformerReferenceTests : IDisposable
{
    private const double Tolerance = 2e-4, Smoothing = 0.1;

    internal static readonly TransformerShape Shape = new(13, 2, 8, 12, 2, 0, 0, 0, PositionKind.Sinusoids);

    private static readonly long[] Source = [5, 7, 4, 2, 0, 8, 2, 0, 0, 0, 9, 4, 10, 11, 2], Target = [1, 6, 4, 0, 1, 9, 0, 0, 1, 12, 5, 8];
    private static readonly long[] Places = [0, 1, 2, 4, 5, 8, 9, 10, 11], Expected = [6, 4, 2, 9, 2, 12, 5, 8, 2];

    private readonly JsonDocument _file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Transformer", "transformer-reference.json")));

    public void Dispose() => _file.Dispose();

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
            Close([Root("losses")[step].GetDouble()], [loss.item<float>()], $"loss {step}");
            if (step == 0)
            {
                Close([Root("plain").GetDouble()], [plain.item<float>()], "plain cross-entropy");
                foreach (var (name, parameter) in model.named_parameters())
                {
                    var every = Math.Max(1, (int)parameter.numel() / 4);
                    Close(Numbers(Root("gradients").GetProperty(name)), [.. Values(parameter.grad!).Where((_, i) => i % every == 0).Take(4)], name);
                }
            }
            optimizer.step();
        }
        foreach (var (name, parameter) in model.named_parameters())
        {
            // Keys' biases change no softmax: their gradients are rounding, which Adam makes as large as any other.
            var counted = Values(parameter).Where((_, i) => !name.EndsWith("in_proj_bias", StringComparison.Ordinal) || i / 8 != 1);
            Close([Root("parameter_sums").GetProperty(name).GetDouble()], [(float)counted.Sum(v => (double)v)], "sum of " + name);
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
        Close(Numbers(Root("memory")), Values(memory[source.ne(PieceVocabulary.Padding)]), "memory");
        Close(Numbers(Root("logits")), Values(model.Logits(model.call(source, target).view(12, 8).index_select(0, tensor(Places)))), "logits");
    }

    [Fact]
    public void Attention_of_several_heads_agrees_with_PyTorchs_MultiheadAttention()
    {
        using var scope = NewDisposeScope();
        var attention = new MultiHeadAttention(Shape, new InitialValues(0));
        SetParameters(attention);
        var x = tensor(Enumerable.Range(0, 48).Select(i => (float)Math.Sin(0.37 * i)).ToArray(), [2, 3, 8]);
        var memory = tensor(Enumerable.Range(0, 64).Select(i => (float)Math.Cos(0.53 * i)).ToArray(), [2, 4, 8]);
        var expected = Root("attention");

        Close(Numbers(expected.GetProperty("self")), Values(attention.Run(x, x, null)), "self-attention");
        Tensor? weights = null;
        Close(Numbers(expected.GetProperty("read")), Values(attention.Run(x, memory, null, seen => weights = seen.clone())), "attention to another sequence");
        Close(Numbers(expected.GetProperty("weights")), Values(weights!), "weights");
    }

    /// <summary>The formula that the script states.</summary>
    internal static void SetParameters(nn.Module model)
    {
        var ordered = model.named_parameters().OrderBy(p => p.name, StringComparer.Ordinal).ToList();
        for (var j = 0; j < ordered.Count; j++)
        {
            var (name, parameter) = ordered[j];
            var shift = name.Contains(".norm", StringComparison.Ordinal) && name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0;
            InitialValues.Set(parameter, [.. Enumerable.Range(0, (int)parameter.numel()).Select(i => (float)(shift + (0.3 * Math.Sin((1.7 * i) + (0.9 * j)))))]);
        }
    }

    private JsonElement Root(string name) => _file.RootElement.GetProperty(name);

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetDouble())];

    private static float[] Values(Tensor tensor) => tensor.detach().contiguous().data<float>().ToArray();

    private static void Close(double[] expected, float[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= Tolerance * (1 + Math.Abs(expected[i])), $"{what}[{i}]: PyTorch has {expected[i]}, here is {actual[i]}.");
    }
}
