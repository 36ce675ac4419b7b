using System.Runtime.CompilerServices;
using Repro.Torch.Interop;
using TorchSharp;

namespace Repro.Torch.Dispatch;

/// <summary>One argument of an operator, before it crosses into libtorch. Made by conversion; costs no allocation.</summary>
internal readonly struct Argument
{
    public readonly object? Object;
    public readonly long Bits;
    public readonly Tag Tag;
    public readonly int Count;

    private Argument(Tag tag, object? item = null, long bits = 0, int count = 0)
    {
        Object = item;
        Bits = bits;
        Tag = tag;
        Count = count;
    }

    /// <summary>A missing optional argument.</summary>
    public static Argument None => default;

    /// <summary>Whatever libtorch's own schema has as the default.</summary>
    public static Argument Default => new(Tag.Default);

    /// <summary>A list whose entries may be missing, as the indices of an advanced index.</summary>
    public static Argument OptionalTensors(torch.Tensor?[] tensors) => new(Tag.OptionalTensorList, tensors);

    public static implicit operator Argument(torch.Tensor? tensor) => tensor is null ? default : new(Tag.Tensor, tensor);
    public static implicit operator Argument(torch.Tensor[] tensors) => new(Tag.TensorList, tensors);
    public static implicit operator Argument(long value) => new(Tag.Int, bits: value);
    public static implicit operator Argument(int value) => new(Tag.Int, bits: value);
    public static implicit operator Argument(long? value) => value is { } given ? new(Tag.Int, bits: given) : default;
    public static implicit operator Argument(double value) => new(Tag.Double, bits: BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Argument(double? value) => value is { } given ? given : default(Argument);
    public static implicit operator Argument(bool value) => new(Tag.Bool, bits: value ? 1 : 0);
    public static implicit operator Argument(long[]? values) => values is null ? default : new(Tag.IntList, values);
    public static implicit operator Argument(double[]? values) => values is null ? default : new(Tag.DoubleList, values);
    public static implicit operator Argument(string? text) => text is null ? default : new(Tag.String, text);
    public static implicit operator Argument(torch.ScalarType type) => new(Tag.Int, bits: (long)type);
    public static implicit operator Argument(torch.ScalarType? type) => type is { } given ? given : default(Argument);
    public static implicit operator Argument(torch.Generator? generator) => generator is null ? default : new(Tag.Generator, generator);

    public static implicit operator Argument(torch.Device? device) =>
        device is null ? default : new(Tag.Device, bits: (long)device.type, count: device.index);

    public static implicit operator Argument(Scalar? scalar) => scalar is null ? default : scalar.Kind switch
    {
        ScalarKind.Integer => new(Tag.Int, bits: scalar.Bits),
        ScalarKind.Real => new(Tag.Double, bits: scalar.Bits),
        ScalarKind.Boolean => new(Tag.Bool, bits: scalar.Bits),
        _ => new(Tag.Complex, scalar),
    };

    /// <summary>Words of scratch memory that <see cref="Write"/> needs.</summary>
    public int ScratchWords => Object switch
    {
        long[] list => list.Length,
        double[] list => list.Length,
        torch.Tensor?[] list => list.Length,
        string text => (System.Text.Encoding.UTF8.GetByteCount(text) + 7) / 8,
        Scalar => 2,
        _ => 0,
    };

    /// <summary>Lays the argument out for the shim.</summary>
    /// <param name="scratch">Where lists go; moved on behind what was written.</param>
    /// <param name="doing">The operator, for the message about a tensor that was disposed of.</param>
    public unsafe void Write(ref NativeValue value, ref long* scratch, string doing)
    {
        value.Tag = Tag;
        value.Count = Count;
        value.Integer = Bits;
        switch (Object)
        {
            case null:
                return;
            case torch.Tensor tensor:
                value.Pointer = HandleOf(tensor, doing);
                return;
            case torch.Generator generator:
                value.Pointer = generator.Handle;
                return;
            case long[] list:
                list.CopyTo(new Span<long>(scratch, list.Length));
                value.Count = list.Length;
                break;
            case double[] list:
                list.CopyTo(new Span<double>(scratch, list.Length));
                value.Count = list.Length;
                break;
            case torch.Tensor?[] list:
                for (var i = 0; i < list.Length; i++)
                    scratch[i] = list[i] is { } tensor ? HandleOf(tensor, doing) : 0;
                value.Count = list.Length;
                break;
            case Scalar complex:
                scratch[0] = BitConverter.DoubleToInt64Bits(complex.Real);
                scratch[1] = BitConverter.DoubleToInt64Bits(complex.Imaginary);
                break;
            case string text:
                value.Count = System.Text.Encoding.UTF8.GetBytes(text, new Span<byte>(scratch, 8 * ScratchWords));
                break;
        }
        value.Pointer = (nint)scratch;
        scratch += ScratchWords;
    }

    private static nint HandleOf(torch.Tensor tensor, string doing) => tensor.handle != 0
        ? tensor.handle
        : throw new InvalidOperationException($"Tensor invalid -- empty handle: it was disposed of before its use (in {doing}).");

    /// <summary>Holds the managed owners of native memory until a call has returned.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void KeepAlive(ReadOnlySpan<Argument> arguments)
    {
    }
}
