using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.utils.rnn;

namespace Repro.Torch.Tests;

internal static partial class ModuleCases
{
    private static Dictionary<string, ModuleCase> Attention => new()
    {
        ["attention"] = Of(() => MultiheadAttention(4, 2), (m, x) => Both(m.call(x[0], x[0], x[0]))),
        ["attention_without_bias"] = Of(() => MultiheadAttention(4, 2, bias: false), (m, x) => Both(m.call(x[0], x[1], x[1]))),
        ["attention_masks"] = Of(() => MultiheadAttention(4, 2), (m, x) => Both(m.call(x[0], x[0], x[0], x[1], attn_mask: x[2]))),
        ["attention_masks_by_head"] = Of(() => MultiheadAttention(4, 2), (m, x) => Both(m.call(x[0], x[0], x[0], attn_mask: x[1]))),
        ["attention_without_weights"] = Of(() => MultiheadAttention(4, 2), (m, x) => [m.call(x[0], x[0], x[0], need_weights: false, attn_mask: x[1]).Item1]),
        ["attention_float_mask"] = Of(() => MultiheadAttention(4, 2), (m, x) => Both(m.call(x[0], x[0], x[0], x[2], attn_mask: x[1]))),
        ["attention_sizes"] = Of(() => MultiheadAttention(4, 2, kdim: 3, vdim: 5), (m, x) => Both(m.call(x[0], x[1], x[2]))),
        ["attention_extra"] = Of(
            () => MultiheadAttention(4, 2, add_bias_kv: true, add_zero_attn: true), (m, x) => Both(m.call(x[0], x[1], x[2], x[3], attn_mask: x[4]))),
        ["attention_dropout"] = Of(() => MultiheadAttention(4, 2, dropout: 0.4), (m, x) => Both(m.call(x[0], x[0], x[0]))),
        ["encoder_layer"] = One(() => Layer()),
        ["encoder_layer_evaluation"] = One(() => Layer(), evaluation: true),
        ["encoder_layer_gelu_masks"] = Of(() => Layer(activation: nn.Activations.GELU), (m, x) => [m.call(x[0], x[1], x[2])]),
        ["encoder_layer_dropout"] = One(() => Layer(0.3)),
        ["encoder"] = Of(() => TransformerEncoder(Layer(), 2), (m, x) => [m.call(x[0], x[1], x[2])]),
        ["encoder_evaluation"] = Of(() => TransformerEncoder(Layer(), 2), (m, x) => [m.call(x[0], x[1])], evaluation: true),
        ["decoder_layer"] = Of(() => Decoder(), (m, x) => [m.call(x[0], x[1])]),
        ["decoder_layer_gelu_masks"] = Of(() => Decoder(activation: nn.Activations.GELU), (m, x) => [m.call(x[0], x[1], x[2], x[3], x[4], x[5])]),
        ["decoder_layer_dropout"] = Of(() => Decoder(0.3), (m, x) => [m.call(x[0], x[1])]),
        ["decoder_evaluation"] = Of(() => TransformerDecoder(Decoder(), 2), (m, x) => [m.call(x[0], x[1], x[2])], evaluation: true),
        ["transformer"] = Of(() => Transformer(4, 2, 1, 2, 6, 0), (m, x) => [m.call(x[0], x[1])]),
        ["transformer_masks"] = Of(
            () => Transformer(4, 2, 2, 1, 6, 0, nn.Activations.GELU), (m, x) => [m.call(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7])]),
    };

    private static Dictionary<string, ModuleCase> Recurrence()
    {
        var cases = new Dictionary<string, ModuleCase>();
        foreach (var (kind, relu) in new[] { ("rnn", false), ("rnn_relu", true) })
        {
            var how = relu ? NonLinearities.ReLU : NonLinearities.Tanh;
            AddStateful(cases, kind, (layers, bias, batchFirst, dropout, both) => RNN(2, 3, layers, how, bias, batchFirst, dropout, both), (m, x, h) => m.call(x, h), (m, x, h) => m.call(x, h));
            AddCell(cases, kind == "rnn" ? "rnn_cell" : "rnn_cell_relu", bias => RNNCell(2, 3, how, bias), (m, x, h) => m.call(x, h));
        }
        AddStateful(cases, "gru", (layers, bias, batchFirst, dropout, both) => GRU(2, 3, layers, bias, batchFirst, dropout, both), (m, x, h) => m.call(x, h), (m, x, h) => m.call(x, h));
        AddCell(cases, "gru_cell", bias => GRUCell(2, 3, bias), (m, x, h) => m.call(x, h));
        cases["gru_sorted"] = Of(() => GRU(2, 3), (m, x) =>
        {
            using var packed = pack_sequence(x);
            var (output, last) = m.call(packed);
            output.batch_sizes.Dispose();
            return [output.data, last];
        });

        cases["lstm"] = Of(() => LSTM(2, 3), (m, x) => All3(m.call(x[0])));
        cases["lstm_bidirectional"] = Of(() => LSTM(2, 3, bidirectional: true, bias: false), (m, x) => All3(m.call(x[0])));
        cases["lstm_two_layers"] = Of(() => LSTM(2, 3, 2, batchFirst: true, dropout: 0.3), (m, x) => All3(m.call(x[0])));
        cases["lstm_two_layers_bidirectional"] = Of(() => LSTM(2, 3, 2, batchFirst: true, bidirectional: true), (m, x) => All3(m.call(x[0], (x[1], x[2]))));
        cases["lstm_one"] = Of(() => LSTM(2, 3), (m, x) => All3(m.call(x[0], (x[1], x[2]))));
        cases["lstm_packed"] = Of(() => LSTM(2, 3), (m, x) =>
        {
            using var packed = pack_padded_sequence(x[0], x[1], enforce_sorted: false);
            var (output, hidden, cell) = m.call(packed);
            return [.. Unpacked(output), hidden, cell];
        });
        cases["lstm_packed_bidirectional"] = Of(() => LSTM(2, 3, 2, bidirectional: true), (m, x) =>
        {
            using var packed = pack_padded_sequence(x[0], x[1], enforce_sorted: false);
            var (output, hidden, cell) = m.call(packed, (x[2], x[3]));
            return [.. Padded(output), hidden, cell];
        });
        cases["lstm_cell"] = Of(() => LSTMCell(2, 3), (m, x) => Both(m.call(x[0])));
        cases["lstm_cell_state"] = Of(() => LSTMCell(2, 3, bias: false), (m, x) => Both(m.call(x[0], (x[1], x[2]))));
        cases["lstm_cell_one"] = Of(() => LSTMCell(2, 3), (m, x) => Both(m.call(x[0], (x[1], x[2]))));
        return cases;
    }

    private static void AddStateful<TModule>(
        Dictionary<string, ModuleCase> cases, string kind, Func<long, bool, bool, double, bool, TModule> make, Func<TModule, Tensor, Tensor?, (Tensor, Tensor)> call,
        Func<TModule, PackedSequence, Tensor?, (PackedSequence, Tensor)> callPacked) where TModule : Module
    {
        cases[kind] = Of(() => make(1, true, false, 0, false), (m, x) => Both(call(m, x[0], null)));
        cases[kind + "_bidirectional"] = Of(() => make(1, false, false, 0, true), (m, x) => Both(call(m, x[0], null)));
        cases[kind + "_two_layers"] = Of(() => make(2, true, true, 0.3, false), (m, x) => Both(call(m, x[0], null)));
        cases[kind + "_two_layers_bidirectional"] = Of(() => make(2, true, true, 0, true), (m, x) => Both(call(m, x[0], x[1])));
        cases[kind + "_one"] = Of(() => make(1, true, false, 0, false), (m, x) => Both(call(m, x[0], x[1])));
        cases[kind + "_packed"] = Of(() => make(1, true, false, 0, false), (m, x) =>
        {
            using var packed = pack_padded_sequence(x[0], x[1], enforce_sorted: false);
            var (output, last) = callPacked(m, packed, null);
            return [.. Unpacked(output), last];
        });
        cases[kind + "_packed_bidirectional"] = Of(() => make(2, true, false, 0, true), (m, x) =>
        {
            using var packed = pack_padded_sequence(x[0], x[1], enforce_sorted: false);
            var (output, last) = callPacked(m, packed, x[2]);
            return [.. Padded(output), last];
        });
    }

    private static void AddCell<TModule>(Dictionary<string, ModuleCase> cases, string kind, Func<bool, TModule> make, Func<TModule, Tensor, Tensor?, Tensor> call) where TModule : Module
    {
        cases[kind] = Of(() => make(true), (m, x) => [call(m, x[0], null)]);
        cases[kind + "_state"] = Of(() => make(false), (m, x) => [call(m, x[0], x[1])]);
        cases[kind + "_one"] = Of(() => make(true), (m, x) => [call(m, x[0], x[1])]);
    }

    /// <summary>The data as they are packed, then the padded sequences and their lengths.</summary>
    private static Tensor[] Unpacked(PackedSequence output)
    {
        using (output)
        {
            var (padded, lengths) = pad_packed_sequence(output);
            return [output.data.alias(), padded, lengths];
        }
    }

    private static Tensor[] Padded(PackedSequence output)
    {
        using (output)
            return Both(pad_packed_sequence(output, batch_first: true, padding_value: 0.5, total_length: 5));
    }

    private static TransformerEncoderLayer Layer(double dropout = 0, nn.Activations activation = nn.Activations.ReLU) => TransformerEncoderLayer(4, 2, 6, dropout, activation);

    private static TransformerDecoderLayer Decoder(double dropout = 0, nn.Activations activation = nn.Activations.ReLU) => TransformerDecoderLayer(4, 2, 6, dropout, activation);

    private static Tensor[] Both(Tuple<Tensor, Tensor> pair) => [pair.Item1, pair.Item2];

    private static Tensor[] All3((Tensor, Tensor, Tensor) three) => [three.Item1, three.Item2, three.Item3];
}
