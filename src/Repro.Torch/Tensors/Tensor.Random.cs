using Repro.Torch.Dispatch;

namespace TorchSharp;

// Random numbers. A null generator is the device's default one.
public static partial class torch
{
    public partial class Tensor
    {
        public Tensor normal_(double mean = 0.0, double std = 1.0, Generator? generator = null) => Ops.normal_.CallInPlace(this, mean, std, generator);
        public Tensor uniform_(double from, double to, Generator? generator = null) => Ops.uniform_.CallInPlace(this, from, to, generator);
        public Tensor random_(double from, double to, Generator? generator = null) => Ops.random__from.CallInPlace(this, (long)from, (long)to, generator);
        public Tensor bernoulli(Generator? generator = null) => Ops.bernoulli.Call(this, generator);
        public Tensor bernoulli_(double p = 0.5, Generator? generator = null) => Ops.bernoulli__float.CallInPlace(this, p, generator);
        public Tensor bernoulli_(Tensor p, Generator? generator = null) => Ops.bernoulli__Tensor.CallInPlace(this, p, generator);
        public Tensor exponential_(double lambda = 1.0, Generator? generator = null) => Ops.exponential_.CallInPlace(this, lambda, generator);
        public Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null) => Ops.multinomial.Call(this, num_samples, replacement, generator);
    }

    public static Tensor randint(long low, long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        dtype is { } type && is_complex(type)
        ? RandomComplexIntegers(low, high, size, type, device, requires_grad, generator)
        : Finish(Ops.randint_low_generator.Call(low, high, size, generator, dtype ?? ScalarType.Int64, default(Argument), InitializeDevice(device)), requires_grad);

    public static Tensor randint(long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        randint(0, high, size, dtype, device, requires_grad, generator, names);

    public static Tensor randint(long low, long high, Size size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        randint(low, high, size.Shape, dtype, device, requires_grad, generator, names);

    public static Tensor randint(long high, Size size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        randint(0, high, size.Shape, dtype, device, requires_grad, generator, names);

    public static Tensor randint(int low, int high, int[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        randint(low, high, Array.ConvertAll(size, n => (long)n), dtype, device, requires_grad, generator, names);

    public static Tensor randint(int high, int[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        randint(0, high, size, dtype, device, requires_grad, generator, names);

    /// <summary>The numbers 0 to n-1 in random order.</summary>
    public static Tensor randperm(long n, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
        Finish(Ops.randperm_generator.Call(n, generator, dtype ?? ScalarType.Int64, default(Argument), InitializeDevice(device)), requires_grad);

    public static Tensor normal(double mean, double std, ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        Finish(empty(size, dtype, device).normal_(mean, std, generator), requires_grad);

    public static Tensor normal(Tensor mean, Tensor std, Generator? generator = null) => Ops.normal_Tensor_Tensor.Call(mean, std, generator);

    // Both parts are drawn, the real ones first.
    private static Tensor RandomComplexIntegers(long low, long high, long[] size, ScalarType type, Device? device, bool requires_grad, Generator? generator)
    {
        var part = type == ScalarType.ComplexFloat64 ? ScalarType.Float64 : ScalarType.Float32;
        using var real = randint(low, high, size, part, device, generator: generator);
        using var imaginary = randint(low, high, size, part, device, generator: generator);
        return Finish(complex(real, imaginary), requires_grad);
    }
}
