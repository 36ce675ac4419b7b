using System.Globalization;
using System.Numerics;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Numbers out of tensors, and tensors to and from files in TorchSharp's format: type, shape, then the elements.</summary>
public static class TensorExtensionMethods
{
    public static Modules.Parameter AsParameter(this Tensor tensor) => new(tensor);

    public static void Save(this Tensor tensor, BinaryWriter writer)
    {
        writer.Encode((long)tensor.dtype);
        var sizes = tensor.shape;
        writer.Encode(sizes.Length);
        foreach (var size in sizes)
            writer.Encode(size);
        writer.Flush();
        tensor.WriteBytesToStream(writer.BaseStream);
    }

    public static void Save(this Tensor tensor, Stream stream)
    {
        using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        tensor.Save(writer);
    }

    public static void Save(this Tensor tensor, string location)
    {
        using var stream = File.Create(location);
        tensor.Save(stream);
    }

    /// <summary>Reads elements into a tensor of the same type and shape.</summary>
    /// <param name="skip">Leaves the tensor as it is and moves on behind the elements.</param>
    public static void Load(this Tensor tensor, BinaryReader reader, bool skip = false)
    {
        using var loaded = Load(reader);
        if (skip)
            return;
        tensor.CheckLike(loaded);
        using var grad = no_grad();
        tensor.copy_(loaded);
    }

    internal static void CheckLike(this Tensor tensor, Tensor loaded, string name = "")
    {
        if (loaded.dtype != tensor.dtype)
            throw new ArgumentException($"Mismatched tensor data types while loading{name}: {loaded.dtype} in the file, {tensor.dtype} here.");
        if (!loaded.shape.AsSpan().SequenceEqual(tensor.shape))
            throw new ArgumentException($"Mismatched tensor shape while loading{name}: [{string.Join(", ", loaded.shape)}] in the file, [{string.Join(", ", tensor.shape)}] here.");
    }

    public static Tensor Load(BinaryReader reader, bool skip = false)
    {
        var type = (ScalarType)reader.Decode();
        var dimensions = reader.Decode();
        if (dimensions > 64)
            throw new InvalidDataException($"The file is no tensor, or damaged: it claims {dimensions} dimensions.");
        var sizes = new long[dimensions];
        for (var i = 0; i < sizes.Length; i++)
            sizes[i] = reader.Decode();
        var tensor = empty(sizes, type, CPU);
        tensor.ReadBytesFromStream(reader.BaseStream);
        return tensor;
    }

    /// <summary>Reads into a tensor, or makes it where there is none.</summary>
    public static void Load(ref Tensor? tensor, BinaryReader reader, bool skip = false)
    {
        if (tensor is null)
            tensor = Load(reader, skip);
        else
            tensor.Load(reader, skip);
    }

    // The elements as text, by style; see torch.TensorStringStyle.
    public static string str(this Tensor tensor, string? fltFormat = null, int? width = null, string? newLine = null, CultureInfo? cultureInfo = null, TensorStringStyle style = TensorStringStyle.Default) =>
        tensor.ToString(style, fltFormat, width, cultureInfo, newLine);

    public static string jlstr(this Tensor tensor, string? fltFormat = null, int? width = null, string? newLine = null, CultureInfo? cultureInfo = null) =>
        tensor.ToString(TensorStringStyle.Julia, fltFormat, width, cultureInfo, newLine);

    public static string metastr(this Tensor tensor) => tensor.ToString(TensorStringStyle.Metadata);

    public static string npstr(this Tensor tensor, string? fltFormat = "g5", int? width = 100, string? newLine = null, CultureInfo? cultureInfo = null) =>
        tensor.ToString(TensorStringStyle.Numpy, fltFormat, width, cultureInfo, newLine);

    public static string cstr(this Tensor tensor, string? fltFormat = "g5", int? width = 100, string? newLine = null, CultureInfo? cultureInfo = null) =>
        tensor.ToString(TensorStringStyle.CSharp, fltFormat, width, cultureInfo, newLine);

    /// <summary>Writes the tensor to the console, and gives it back.</summary>
    public static Tensor print(this Tensor t, string? fltFormat = "g5", int? width = 100, string? newLine = null, CultureInfo? cultureInfo = null, TensorStringStyle style = TensorStringStyle.Default)
    {
        Console.WriteLine(t.ToString(style, fltFormat, width, cultureInfo, newLine));
        return t;
    }

    public static ReadOnlySpan<int> IntShape(this Tensor tensor) => Array.ConvertAll(tensor.shape, length => (int)length);

    public static Tensor ToTensor<T>(this T[] rawArray, long[] dimensions, bool doCopy = false, bool requires_grad = false)
    {
        using var flat = from_array(rawArray);
        return flat.reshape(dimensions).requires_grad_(requires_grad);
    }

    public static Tensor ToTensor<T>(this T scalar, Device? device = null, bool requires_grad = false) where T : struct
    {
        using var flat = from_array(new[] { scalar }, null, device);
        if (requires_grad && !flat.is_floating_point() && !flat.is_complex())
            throw new ArgumentException($"Only floating point and complex tensors can require gradients, not {flat.dtype}.", nameof(requires_grad));
        return flat.reshape().requires_grad_(requires_grad);
    }

    public static (float Real, float Imaginary) ToComplexFloat32(this Tensor value) => value.ToScalar().ToComplexFloat32();
    public static Complex ToComplexFloat64(this Tensor value) => value.ToScalar().ToComplexFloat64();
    public static (float Real, float Imaginary) ToComplex32(this Tensor value) => value.ToScalar().ToComplexFloat32();
    public static Complex ToComplex64(this Tensor value) => value.ToScalar().ToComplexFloat64();
    public static BFloat16 ToBFloat16(this Tensor value) => value.ToScalar().ToBFloat16();
    public static Half ToHalf(this Tensor value) => value.ToScalar().ToHalf();
    public static float ToSingle(this Tensor value) => value.ToScalar().ToSingle();
    public static double ToDouble(this Tensor value) => value.ToScalar().ToDouble();
    public static sbyte ToSByte(this Tensor value) => value.ToScalar().ToSByte();
    public static byte ToByte(this Tensor value) => value.ToScalar().ToByte();
    public static short ToInt16(this Tensor value) => value.ToScalar().ToInt16();
    public static int ToInt32(this Tensor value) => value.ToScalar().ToInt32();
    public static long ToInt64(this Tensor value) => value.ToScalar().ToInt64();
    public static bool ToBoolean(this Tensor value) => value.ToScalar().ToBoolean();

    /// <summary>Bytes of one element.</summary>
    public static int ElementSize(this ScalarType type) => type switch
    {
        ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool or ScalarType.QInt8 or ScalarType.QUInt8 => 1,
        ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
        ScalarType.Int32 or ScalarType.Float32 or ScalarType.QInt32 => 4,
        ScalarType.Int64 or ScalarType.Float64 or ScalarType.ComplexFloat32 => 8,
        ScalarType.ComplexFloat64 => 16,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not an element type."),
    };

    public static long TotalSize(this IEnumerable<long> shape) => shape.Aggregate(1L, (product, n) => product * n);
}
