namespace TorchSharp;

/// <summary>What a <see cref="Scalar"/> holds; libtorch distinguishes no more.</summary>
internal enum ScalarKind
{
    Integer,
    Real,
    Boolean,
    Complex,
}

/// <summary>A number of any type on its way into an operator. Made by implicit conversion.</summary>
public sealed class Scalar : IDisposable
{
    internal Scalar(ScalarKind kind, long bits, double imaginary = 0)
    {
        Kind = kind;
        Bits = bits;
        Imaginary = imaginary;
    }

    private Scalar(double value, torch.ScalarType type) : this(ScalarKind.Real, BitConverter.DoubleToInt64Bits(value)) => Type = type;

    internal ScalarKind Kind { get; }

    /// <summary>The integer itself, 0 or 1, or the bits of the (real part as a) double.</summary>
    internal long Bits { get; }

    internal double Imaginary { get; }

    internal double Real => Kind is ScalarKind.Real or ScalarKind.Complex ? BitConverter.Int64BitsToDouble(Bits) : Bits;

    internal long Whole => Kind is ScalarKind.Real or ScalarKind.Complex ? (long)Real : Bits;

    /// <summary>int64, float64, bool or complex128, whatever type it was made from: libtorch keeps no more of it.</summary>
    public torch.ScalarType Type
    {
        get => field != default ? field : Kind switch
        {
            ScalarKind.Integer => torch.ScalarType.Int64,
            ScalarKind.Real => torch.ScalarType.Float64,
            ScalarKind.Boolean => torch.ScalarType.Bool,
            _ => torch.ScalarType.ComplexFloat64,
        };
        private init;
    }

    public static implicit operator Scalar(byte value) => new(ScalarKind.Integer, value);
    public static implicit operator Scalar(sbyte value) => new(ScalarKind.Integer, value);
    public static implicit operator Scalar(short value) => new(ScalarKind.Integer, value);
    public static implicit operator Scalar(int value) => new(ScalarKind.Integer, value);
    public static implicit operator Scalar(long value) => new(ScalarKind.Integer, value);
    public static implicit operator Scalar(Half value) => new((double)value, torch.ScalarType.Float64);
    public static implicit operator Scalar(BFloat16 value) => new(value.ToSingle(), torch.ScalarType.Float64);
    public static implicit operator Scalar(float value) => new(value, torch.ScalarType.Float64);
    public static implicit operator Scalar(double value) => new(value, torch.ScalarType.Float64);
    public static implicit operator Scalar(bool value) => new(ScalarKind.Boolean, value ? 1 : 0);

    public static implicit operator Scalar((float, float) value) =>
        new(ScalarKind.Complex, BitConverter.DoubleToInt64Bits(value.Item1), value.Item2);

    public static implicit operator Scalar(System.Numerics.Complex value) =>
        new(ScalarKind.Complex, BitConverter.DoubleToInt64Bits(value.Real), value.Imaginary);

    /// <summary>Does nothing: no native memory is held. For programs that dispose of scalars.</summary>
    public void Dispose()
    {
    }

    public override string ToString() => Kind switch
    {
        ScalarKind.Integer => Bits.ToString(),
        ScalarKind.Boolean => Bits != 0 ? "True" : "False",
        ScalarKind.Real => Real.ToString("R"),
        _ => new System.Numerics.Complex(Real, Imaginary).ToString(),
    };
}

/// <summary>Conversions between numbers and <see cref="Scalar"/>.</summary>
public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this byte value) => value;
    public static Scalar ToScalar(this sbyte value) => value;
    public static Scalar ToScalar(this short value) => value;
    public static Scalar ToScalar(this int value) => value;
    public static Scalar ToScalar(this long value) => value;
    public static Scalar ToScalar(this float value) => value;
    public static Scalar ToScalar(this double value) => value;
    public static Scalar ToScalar(this (float, float) value) => value;
    public static Scalar ToScalar(this System.Numerics.Complex value) => value;
    public static Scalar ToScalar(this bool value) => value;
    public static Scalar ToScalar(this Half value) => value;
    public static Scalar ToScalar(this BFloat16 value) => value;
    public static Scalar ToBFloat16Scalar(this float value) => new BFloat16(value);
    public static BFloat16 ToBFloat16(this Scalar value) => new((float)value.Real);
    public static Half ToHalf(this Scalar value) => (Half)value.Real;
    public static float ToSingle(this Scalar value) => (float)value.Real;
    public static double ToDouble(this Scalar value) => value.Real;
    public static sbyte ToSByte(this Scalar value) => (sbyte)value.Whole;
    public static byte ToByte(this Scalar value) => (byte)value.Whole;
    public static short ToInt16(this Scalar value) => (short)value.Whole;
    public static int ToInt32(this Scalar value) => (int)value.Whole;
    public static long ToInt64(this Scalar value) => value.Whole;
    public static bool ToBoolean(this Scalar value) => value.Real != 0 || value.Imaginary != 0;
    public static (float Real, float Imaginary) ToComplexFloat32(this Scalar value) => ((float)value.Real, (float)value.Imaginary);
    public static System.Numerics.Complex ToComplexFloat64(this Scalar value) => new(value.Real, value.Imaginary);
}
