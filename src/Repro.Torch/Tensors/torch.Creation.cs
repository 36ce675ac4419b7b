using Repro.Torch.Dispatch;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Numbers from <paramref name="start"/> (included) to <paramref name="stop"/> (excluded).</summary>
    /// <param name="dtype">int64 where all three are integers, otherwise the default type.</param>
    public static Tensor arange(Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        if (dtype is not { } type || !is_complex(type))
            return Finish(
                Ops.arange_start_step.Call(start, stop, step, dtype ?? (AllIntegers(start, stop, step) ? ScalarType.Int64 : get_default_dtype()), default(Argument), InitializeDevice(device)),
                requires_grad);
        using var real = arange(start, stop, step, type == ScalarType.ComplexFloat64 ? ScalarType.Float64 : ScalarType.Float32, device);
        return Finish(real.to(type), requires_grad);
    }

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(start, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    /// <summary><paramref name="steps"/> numbers from start to end, both included.</summary>
    public static Tensor linspace(double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Finish(Ops.linspace.Call((Scalar)start, (Scalar)end, steps, dtype ?? get_default_dtype(), default(Argument), InitializeDevice(device)), requires_grad);

    public static Tensor logspace(double start, double end, long steps, double @base = 10, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Finish(Ops.logspace.Call((Scalar)start, (Scalar)end, steps, @base, dtype ?? get_default_dtype(), default(Argument), InitializeDevice(device)), requires_grad);

    /// <param name="columns">-1 for as many as rows.</param>
    public static Tensor eye(long rows, long columns = -1L, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Finish(Ops.eye_m.Call(rows, columns < 0 ? rows : columns, dtype ?? get_default_dtype(), default(Argument), InitializeDevice(device)), requires_grad);

    public static Tensor empty_strided(long[] size, long[] strides, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Finish(Ops.empty_strided.Call(size, strides, dtype ?? get_default_dtype(), default(Argument), InitializeDevice(device)), requires_grad);

    /// <summary>A tensor with the array's shape and element type.</summary>
    public static Tensor from_array(Array rawArray, Device? device = null) => from_array(rawArray, null, device);

    public static Tensor from_array(Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        ArgumentNullException.ThrowIfNull(rawArray);
        var sizes = Lengths(rawArray);
        var element = rawArray.GetType().GetElementType()!;
        return ToScalarType(element) switch
        {
            ScalarType.Float32 => FromSpan(SpanOf<float>(rawArray), sizes, dtype, device, requires_grad),
            ScalarType.Float64 => FromSpan(SpanOf<double>(rawArray), sizes, dtype, device, requires_grad),
            ScalarType.Int64 => FromSpan(SpanOf<long>(rawArray), sizes, dtype, device, requires_grad),
            ScalarType.Int32 => FromSpan(SpanOf<int>(rawArray), sizes, dtype, device, requires_grad),
            ScalarType.Int16 => FromSpan(SpanOf<short>(rawArray), sizes, dtype, device, requires_grad),
            ScalarType.Byte => FromSpan(SpanOf<byte>(rawArray), sizes, dtype, device, requires_grad),
            ScalarType.Int8 => FromSpan(SpanOf<sbyte>(rawArray), sizes, dtype, device, requires_grad),
            ScalarType.Bool => FromSpan(SpanOf<bool>(rawArray), sizes, dtype, device, requires_grad),
            ScalarType.ComplexFloat32 => FromSpan(SpanOf<(float, float)>(rawArray), sizes, dtype, device, requires_grad),
            ScalarType.ComplexFloat64 => FromSpan(SpanOf<System.Numerics.Complex>(rawArray), sizes, dtype, device, requires_grad),
            ScalarType.BFloat16 => FromSpan(SpanOf<BFloat16>(rawArray), sizes, dtype, device, requires_grad),
            _ => FromSpan(SpanOf<Half>(rawArray), sizes, dtype, device, requires_grad),
        };
    }

    public static Tensor as_tensor(Array data, ScalarType? dtype = null, Device? device = null) => from_array(data, dtype, device);

    public static Tensor as_tensor(Tensor data, ScalarType? dtype = null, Device? device = null) =>
        data.to(dtype ?? data.dtype, device ?? data.device);

    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => Ops.cat.Call(tensors as Tensor[] ?? [.. tensors], dim);

    public static Tensor cat(Tensor[] tensors, long dim = 0) => Ops.cat.Call(tensors, dim);

    public static Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0) => Ops.cat.Call(tensors.ToArray(), dim);

    public static Tensor concat(IList<Tensor> tensors, long dim = 0) => cat(tensors, dim);

    public static Tensor concat(Tensor[] tensors, long dim = 0) => cat(tensors, dim);

    public static Tensor concat(ReadOnlySpan<Tensor> tensors, long dim = 0) => cat(tensors, dim);

    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => Ops.stack.Call(tensors as Tensor[] ?? [.. tensors], dim);

    public static Tensor hstack(params Tensor[] tensors) => Ops.hstack.Call(tensors);

    public static Tensor vstack(Tensor[] tensors) => Ops.vstack.Call(tensors);

    public static Tensor where(Tensor condition, Tensor x, Tensor y) => Ops.where_self.Call(condition, x, y);

    public static Tensor[] where(Tensor condition) => Ops.where.CallList(condition);

    public static Tensor einsum(string equation, params Tensor[] tensors) => Ops.einsum.Call(equation, tensors);

    public static Tensor[] meshgrid(IEnumerable<Tensor> tensors, string indexing = "ij") => Ops.meshgrid_indexing.CallList(tensors.ToArray(), indexing);

    private static bool AllIntegers(params ReadOnlySpan<Scalar> scalars)
    {
        foreach (var scalar in scalars)
            if (scalar.Kind != ScalarKind.Integer)
                return false;
        return true;
    }
}
