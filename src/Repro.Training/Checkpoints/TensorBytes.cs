using Repro.Studies;
using Repro.Studies.Formats;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Checkpoints;

/// <summary>Tensors to and from the bytes of a checkpoint.</summary>
internal static class TensorBytes
{
    /// <summary>The tensor's content at the time its bytes are asked for.</summary>
    public static DraftTensor Draft(string name, Tensor tensor) => new(name, TypeOf(name, tensor.dtype), tensor.shape, () => BytesOf(tensor));

    /// <summary>A new tensor with the stored content; no dispose scope owns it.</summary>
    public static Tensor Load(StoredTensor stored, Device device)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        return OnCpu(stored).to(device).DetachFromDisposeScope();
    }

    /// <summary>Overwrites a tensor in place, so that whoever holds it sees the stored content.</summary>
    /// <exception cref="BadInputException">Type or shape differ.</exception>
    public static void LoadInto(string name, StoredTensor stored, Tensor target)
    {
        if (stored.Type != TypeOf(name, target.dtype) || !stored.Shape.SequenceEqual(target.shape))
        {
            throw new BadInputException(
                $"The checkpoint's tensor '{name}' is {stored.Type} [{string.Join(", ", stored.Shape)}], but {target.dtype} [{string.Join(", ", target.shape)}] is needed: " +
                "it was written by another model or with other options.");
        }
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        target.copy_(OnCpu(stored));
    }

    private static Tensor OnCpu(StoredTensor stored)
    {
        var tensor = empty(stored.Shape.ToArray(), dtype: ScalarTypeOf(stored.Type));
        if (stored.Bytes.Length > 0) tensor.bytes = stored.Bytes;
        return tensor;
    }

    private static byte[] BytesOf(Tensor tensor)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var here = tensor.detach().cpu().contiguous();
        return here.NumberOfElements == 0 ? [] : here.bytes.ToArray();
    }

    private static SafetensorsType TypeOf(string name, ScalarType type) => type switch
    {
        ScalarType.Float32 => SafetensorsType.F32,
        ScalarType.Float64 => SafetensorsType.F64,
        ScalarType.Float16 => SafetensorsType.F16,
        ScalarType.BFloat16 => SafetensorsType.BF16,
        ScalarType.Int64 => SafetensorsType.I64,
        ScalarType.Int32 => SafetensorsType.I32,
        ScalarType.Byte => SafetensorsType.U8,
        ScalarType.Bool => SafetensorsType.BOOL,
        _ => throw new NotSupportedException($"Tensor '{name}' has elements of type {type}, which no checkpoint can hold."),
    };

    private static ScalarType ScalarTypeOf(SafetensorsType type) => type switch
    {
        SafetensorsType.F32 => ScalarType.Float32,
        SafetensorsType.F64 => ScalarType.Float64,
        SafetensorsType.F16 => ScalarType.Float16,
        SafetensorsType.BF16 => ScalarType.BFloat16,
        SafetensorsType.I64 => ScalarType.Int64,
        SafetensorsType.I32 => ScalarType.Int32,
        SafetensorsType.U8 => ScalarType.Byte,
        _ => ScalarType.Bool,
    };
}
