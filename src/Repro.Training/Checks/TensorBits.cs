using System.Security.Cryptography;
using static TorchSharp.torch;

namespace Repro.Training.Checks;

/// <summary>Tensors as the bits that they are: equal only where nothing differs, not even the sign of a zero.</summary>
internal static class TensorBits
{
    public static byte[] Of(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().cpu().contiguous().bytes.ToArray();
    }

    /// <summary>One hash an entry of the first dimension.</summary>
    public static string[] Rows(Tensor tensor)
    {
        var bits = Of(tensor);
        var rows = (int)tensor.shape[0];
        var length = bits.Length / rows;
        return [.. Enumerable.Range(0, rows).Select(row => Convert.ToHexString(SHA256.HashData(bits.AsSpan(row * length, length))))];
    }

    /// <summary>Every number of a tensor of integers, row by row.</summary>
    public static long[] Integers(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Int64).cpu().contiguous().data<long>().ToArray();
    }
}
