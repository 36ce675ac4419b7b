using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

public class ComplexAndDataTests
{
    [Fact]
    public void Complex_numbers_go_in_and_out()
    {
        using var scope = NewDisposeScope();
        Complex[] numbers = [new(1, 2), new(-3, 0.5)];
        Assert.Equal(numbers, tensor(numbers).data<Complex>().ToArray());
        Assert.Equal(complex128, tensor(numbers).dtype);
        (float, float)[] pairs = [(1, 2), (-3, 0.5f)];
        Assert.Equal(pairs, tensor(pairs).data<(float, float)>().ToArray());
        Assert.Equal(complex64, tensor(pairs).dtype);
        Assert.Equal(numbers, tensor(pairs).to(complex128).data<Complex>().ToArray());
        Assert.Equal([2L, 1L], tensor(numbers, 2, 1).shape);
        Assert.Equal(new Complex(1, 2), from_array(new[,] { { numbers[0] } }).item<Complex>());
        Assert.Equal(new Complex(1, 2), tensor(1.0, 2.0).item<Complex>());
        Assert.Equal((1f, 2f), tensor((1f, 2f)).item<(float, float)>());
        Tensor implicitly = new Complex(0, 1);
        Assert.Equal(new Complex(-1, 0), (implicitly * implicitly).ToComplexFloat64());
        Assert.Equal(new Complex(3, -1), full(1, new Complex(3, -1)).item<Complex>());
        Assert.Equal((0f, 5f), ((Scalar)new Complex(0, 5)).ToComplexFloat32());
        Assert.Equal(complex128, ((Scalar)(1f, 2f)).Type);
    }

    [Fact]
    public void A_pending_conjugate_is_read_as_it_is_meant()
    {
        using var scope = NewDisposeScope();
        var z = tensor([new Complex(1, 2), new Complex(3, -4)]);
        var conjugate = z.conj();
        Assert.True(conjugate.is_conj());
        Assert.Equal([new Complex(1, -2), new Complex(3, 4)], conjugate.data<Complex>().ToArray());
        Assert.Equal([-2.0, 4.0], conjugate.imag.data<double>().ToArray());
        Assert.True(conjugate.imag.is_neg());
        Assert.Equal(new Complex(3, 4), conjugate[1].item<Complex>());
        Assert.Contains("pending", Assert.Throws<InvalidOperationException>(() => conjugate.bytes.Length).Message, StringComparison.Ordinal);
        Assert.False(conjugate.resolve_conj().is_conj());
        using var stream = new MemoryStream();
        conjugate.Save(stream);
        stream.Position = 0;
        Assert.Equal([new Complex(1, -2), new Complex(3, 4)], Tensor.Load(stream).data<Complex>().ToArray());
    }

    private static readonly Dictionary<string, Func<Tensor, Tensor, Tensor>> ScalarProducts = new()
    {
        ["dot"] = dot,
        ["matmul"] = matmul,
        ["inner"] = inner,
        ["einsum"] = (a, b) => einsum("i,i->", a, b),
        ["tensordot"] = (a, b) => tensordot(a, b, 1),
        ["multi_dot"] = (a, b) => linalg.multi_dot([a, b]),
        ["vdot of the conjugate"] = (a, b) => vdot(a.conj(), b),
        ["vecdot of the conjugate"] = (a, b) => linalg.vecdot(a.conj(), b),
        ["vecdot along the only dimension"] = (a, b) => linalg.vecdot(a.conj(), b, 0),
        ["vecdot into a tensor"] = (a, b) => linalg.vecdot(a.detach().conj(), b, @out: empty(0, a.dtype)),
    };

    public static TheoryData<string> NamesOfScalarProducts => [.. ScalarProducts.Keys];

    // (1 + 2i)(3 - i) + i(2 + 2i) = 3 + 7i, by hand.
    [Theory]
    [MemberData(nameof(NamesOfScalarProducts))]
    public void A_scalar_product_of_complex_numbers_is_the_sum_of_the_products(string name)
    {
        using var scope = NewDisposeScope();
        foreach (var type in new[] { complex64, complex128 })
        {
            var (a, b) = (tensor([new Complex(1, 2), new Complex(0, 1)]).to(type).requires_grad_(), tensor([new Complex(3, -1), new Complex(2, 2)]).to(type));
            var product = ScalarProducts[name](a, b);
            Assert.Equal(0, product.dim());
            Assert.Equal(new Complex(3, 7), product.to(complex128).item<Complex>());
            if (!product.requires_grad)
                continue;
            // The gradient of the real part is the conjugate of the other vector.
            product.real.backward();
            Assert.True(a.grad!.allclose(b.conj()));
        }
    }

    [Fact]
    public void A_scalar_product_of_complex_vectors_refuses_what_one_of_real_vectors_does()
    {
        using var scope = NewDisposeScope();
        var (one, two) = (tensor([new Complex(1, 2)]), tensor([new Complex(3, -1), new Complex(2, 2)]));
        foreach (var product in ScalarProducts.Where(each => each.Key is not ("einsum" or "tensordot")).Select(each => each.Value))
        {
            Assert.Throws<ExternalException>(() => product(one, two));
            Assert.Throws<ExternalException>(() => product(two, two.to(complex64)));
        }
        Assert.Throws<ExternalException>(() => dot(two.unsqueeze(0), two));
    }

    [Fact]
    public void A_gradient_of_zeros_without_memory_is_read_as_zeros()
    {
        using var scope = NewDisposeScope();
        var x = ones(3, requires_grad: true);
        x.sgn().sum().backward();
        Assert.Equal([0f, 0f, 0f], x.grad!.data<float>().ToArray());
    }

    // sgn has such a gradient.
    [Fact]
    public void Layers_take_a_gradient_of_zeros_without_memory()
    {
        using var scope = NewDisposeScope();
        var lstm = nn.LSTM(3, 4);
        foreach (var layer in new Func<Tensor, Tensor>[]
        {
            nn.Linear(3, 4).call, nn.Dropout(0.5).call, x => lstm.call(x.unsqueeze(0)).Item1, nn.BatchNorm1d(3).call, nn.GroupNorm(1, 3).call,
            x => nn.functional.cross_entropy(x, tensor([0L, 2L])), x => x + ones(2, 3),
        })
        {
            var x = randn(2, 3, requires_grad: true);
            layer(x).sgn().sum().backward();
            Assert.Equal(new float[6], x.grad!.data<float>().ToArray());
        }
    }

    [Fact]
    public void Numbers_of_16_bits_round_to_even_as_libtorch_does()
    {
        using var scope = NewDisposeScope();
        float[] numbers = [1f, 1.00390625f, 1.01171875f, 3.14159f, -2.5e-40f, 1e38f, float.PositiveInfinity, float.NaN, -0f];
        var here = Array.ConvertAll(numbers, number => new BFloat16(number));
        Assert.Equal(tensor(numbers).to(bfloat16).data<BFloat16>().ToArray(), here);
        Assert.Equal(tensor(here).to(float32).data<float>().ToArray(), Array.ConvertAll(here, number => number.ToSingle()));
        Assert.Equal([(Half)1.5, (Half)(-2)], tensor([(Half)1.5, (Half)(-2)]).data<Half>().ToArray());
        Assert.Equal(2.5f, ((BFloat16)1f + (BFloat16)1.5f).ToSingle());
        Assert.True(BFloat16.IsNaN(BFloat16.NaN) && BFloat16.NaN.Equals(BFloat16.NaN));
        Assert.Equal(3.140625f, tensor(3.14f, bfloat16).ReadCpuBFloat16(0));
    }

    [Fact]
    public void A_tensor_over_an_array_shares_its_memory_and_keeps_it_alive()
    {
        using var scope = NewDisposeScope();
        var array = new[] { 1f, 2f, 3f, 4f };
        var shared = frombuffer(array, float32, 2, 1);
        array[1] = 20;
        Assert.Equal([20f, 3f], shared.data<float>().ToArray());
        shared[1] = tensor(30f);
        Assert.Equal(30f, array[2]);
        Assert.Equal([1.0, 20, 30, 4], frombuffer(array, float64).data<double>().ToArray());
        Assert.Throws<ArgumentException>(() => frombuffer(array, float32, -1, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => frombuffer(array, float32, 4, 1));
        var kept = Alone();
        for (var i = 0; i < 3; i++)
            GC.Collect();
        Assert.Equal(Enumerable.Range(0, 10000), kept.data<int>().ToArray());

        static Tensor Alone() => frombuffer(Enumerable.Range(0, 10000).ToArray(), int32);
    }

    [Fact]
    public void Types_come_together_as_in_PyTorch()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(float32, promote_types(int64, float32));
        Assert.Equal(complex128, promote_types(complex64, float64));
        Assert.Equal(int16, promote_types(uint8, int8));
        Assert.Equal(float32, result_type(ones(2), tensor(1.0)));
        Assert.Equal(float64, result_type(ones(2), ones(2, float64)));
        Assert.True(can_cast(float64, int8) is false && can_cast(int64, float32));
        Assert.Equal(1.1920928955078125e-07, finfo(float32).eps);
        Assert.Equal(float.MaxValue, finfo().max);
        Assert.Equal(127, max_int_value(int8));
        Assert.Throws<ArgumentException>(() => finfo(int32));
        Assert.Throws<ArgumentException>(() => max_int_value(float32));
    }

    [Fact]
    public void Text_has_the_styles_of_TorchSharp()
    {
        using var scope = NewDisposeScope();
        var n = Environment.NewLine;
        var matrix = tensor([0f, 3.141f, 6.2834f, 3.14152f, 6.28e-06f, -13.141529f, 0.01f, 4713.14f], 2, 4);
        Assert.Equal($"[2x4], type = Float32, device = cpu{n}        0   3.141 6.2834 3.1415{n} 6.28e-06 -13.142   0.01 4713.1{n}", matrix.str());
        Assert.Equal(matrix.str(), matrix.ToString(true));
        Assert.Equal("[2x4], type = Float32, device = cpu", matrix.metastr());
        Assert.Equal($"[2x4], type = Float32, device = cpu{n}        0 3.141 ...{n} 6.28e-06 -13.142 ...{n}".Replace("0 3.141 ", "0   3.141 "), matrix.jlstr(width: 22));
        Assert.Equal($"[1x2x2], type = Int64, device = cpu{n}[0,..,..] ={n} 0 1{n} 2 3{n}", arange(4).reshape(1, 2, 2).jlstr());
        Assert.Equal($"[4], type = Float32, device = cpu{n} 0 0 0 0{n}", zeros(4).jlstr());
        Assert.Equal("[], type = ComplexFloat32, device = cpu, value = 3.14+6.28i", tensor((3.14f, 6.28f)).jlstr());
        Assert.Equal($"[[[0, 1]{n}  [2, 3]]{n}{n} [[4, 5]{n}  [6, 7]]]", arange(8).reshape(2, 2, 2).npstr());
        Assert.Equal($"[[0]{n} [1]{n} [2]{n} ...{n} [7]{n} [8]{n} [9]]", arange(10).reshape(10, 1).npstr());
        Assert.Equal("[1, 2i, 3+-4i]", tensor([new Complex(1, 0), new Complex(0, 2), new Complex(3, -4)]).npstr());
        Assert.Equal("[2], type = Int64, device = cpu, value = long [] {0L, 1L}", arange(2).cstr());
        Assert.Equal($"[2x2], type = Float32, device = cpu, value = {n}float [,] {{{n} {{0f, 1f}},{n} {{2f, 3f}}{n}}}", arange(4).to(float32).reshape(2, 2).cstr());
        Assert.Equal("[4], type = BFloat16, device = cpu, value = bfloat16 [] {0f, 0f, 0f, 0f}", zeros(4, bfloat16).cstr());
        Assert.Equal("[]", zeros(0).npstr());
        Assert.Equal("[2], type = Float32, device = meta", zeros(2, device: META).str());
        set_printoptions(precision: 2);
        Assert.Equal("[1.50]", tensor([1.5f]).ToString(numpy));
        set_printoptions(numpy, "g5");
        Assert.Equal("[1.5]", tensor([1.5f]).ToString(true));
        torch.TensorStringStyle = julia;
        Assert.Throws<ArgumentException>(() => torch.TensorStringStyle = global::TorchSharp.TensorStringStyle.Default);
        var list = Assert.IsType<System.Collections.ArrayList>(matrix.tolist());
        Assert.Equal(4713.14f, Assert.IsType<Scalar>(Assert.IsType<System.Collections.ArrayList>(list[1])[3]).ToSingle());
    }

    [Fact]
    public void Conversions_have_the_type_they_are_named_after()
    {
        using var scope = NewDisposeScope();
        var x = tensor([0f, 1.75f, 3f]);
        Assert.Equal(
            [@bool, uint8, int8, int16, int32, int64, float16, bfloat16, float64, complex64, complex128, int64],
            new[] { x.@bool(), x.@byte(), x.@char(), x.@short(), x.@int(), x.@long(), x.half(), x.bfloat16(), x.@double(), x.cfloat(), x.cdouble(), x.type_as(arange(2)) }.Select(y => y.dtype));
        Assert.Equal([0L, 1, 3], LongTensor(x).data<long>().ToArray());
        Assert.Equal([false, true, true], BoolTensor(x).data<bool>().ToArray());
        Assert.Equal((1.75f, (Half)1.75, 1.75), (x.ReadCpuSingle(1), x.half().data<Half>()[1], x.@double().ReadCpuDouble(1)));
        Assert.Equal((1L, (short)1, (sbyte)1, (byte)1), (x.@long().ReadCpuInt64(1), x.@short().ReadCpuInt16(1), x.@char().ReadCpuSByte(1), x.@byte().ReadCpuByte(1)));
        Assert.Equal((1.75f, 1.75, 1, 1L, true), ((float)x[1], (double)x[1], (int)x[1], (long)x[1], (bool)x[1]));
        Assert.Equal((1.75f, (Half)1.75, (BFloat16)1.75f, (1.75f, 0f)), (x[1].ToSingle(), x[1].ToHalf(), x[1].ToBFloat16(), x[1].ToComplex32()));
        Assert.Equal([1L, 2], new long[] { 1, 2 }.ToTensor([2, 1]).data<long>().ToArray());
        Assert.Equal(int32, 5.ToTensor().dtype);
        Assert.True(2.5.ToTensor(requires_grad: true).requires_grad);
        Assert.True(x.data<float>() == x.reshape(3, 1).data<float>());
        Assert.True(x.data<float>() != (x + 1).data<float>());
        Assert.Equal([3], x.IntShape().ToArray());
    }

    [Fact]
    public void Moving_copies_only_where_it_must_or_is_told_to()
    {
        using var scope = NewDisposeScope();
        var x = ones(3);
        Tensor[] shared = [x.to(float32), x.to(CPU), x.to("cpu"), x.to(x), x.to(float32, CPU), x.alias(), x.detach(), x.contiguous()];
        Tensor[] apart = [x.to(float32, copy: true), x.to(CPU, copy: true), x.clone()];
        x.fill_(1.5);
        Assert.All(shared, y => Assert.Equal(1.5f, y[0].item<float>()));
        Assert.All(apart, y => Assert.Equal(1f, y[0].item<float>()));
        var doubles = x.to(float64, disposeAfter: true);
        Assert.True(x.IsInvalid);
        Assert.Equal([1.5, 1.5, 1.5], doubles.data<double>().ToArray());
        Assert.Equal(DeviceType.META, doubles.to(META).device_type);
    }

    [Fact]
    public void A_storage_is_all_the_memory_that_views_share()
    {
        using var scope = NewDisposeScope();
        var x = arange(6).to(float32).reshape(2, 3);
        var storage = x[1].storage<float>();
        Assert.Equal((6, 24UL, 4), (storage.Count, storage.nbytes(), storage.element_size()));
        Assert.Equal([0f, 1, 2, 3, 4, 5], storage.ToArray());
        storage[0] = 10;
        storage[1..3] = 7f;
        storage[(4, null)] = storage[..2];
        Assert.Equal([10f, 7, 7, 3, 10, 7], x.data<float>().ToArray());
        Assert.Equal([7f, 3], storage[2..4].tolist());
        Assert.Equal(3, storage.IndexOf(3));
        Assert.False(storage.Contains(99));
        Assert.Equal([3L, 10, 7], storage.@long().ToArray());
        storage.copy_([1f, 2f]);
        storage[5..].fill_(0);
        Assert.Equal([1f, 2, 7, 3, 10, 0], storage);
        Assert.True(is_storage(storage));
        Assert.Throws<IndexOutOfRangeException>(() => storage[6]);
        storage.Dispose();
        Assert.Throws<InvalidOperationException>(() => storage[0]);
    }

    [Fact]
    public void A_quantized_tensor_knows_its_scales()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[,] { { 0.1f, 0.5f }, { -1f, 2f } });
        var q = quantize_per_tensor(x, 0.1, 3, quint8);
        Assert.True(q.is_quantized());
        Assert.Equal((0.1, 3L), (q.q_scale(), q.q_zero_point()));
        Assert.Equal([(byte)4, 8, 0, 23], q.int_repr().data<byte>().ToArray());
        var channels = quantize_per_channel(x, tensor([0.1, 0.5]), tensor([0L, 1L]), 0, qint8);
        Assert.Equal(0, channels.q_per_channel_axis());
        Assert.Equal([0.1, 0.5], channels.q_per_channel_scales().data<double>().ToArray());
        Assert.Equal([0L, 1L], channels.q_per_channel_zero_points().data<long>().ToArray());
        Assert.Equal([1, 5, -1, 5], channels.int_repr().@int().data<int>().ToArray());
        Assert.Equal([0.1f, 0.5f, -1f, 2f], fake_quantize_per_channel_affine(x, tensor([0.1f, 0.5f]), tensor([0, 1], int32), 0, -8, 7).data<float>().ToArray());
    }

    [Fact]
    public void Sizes_add_and_are_cut()
    {
        Assert.Equal([2L, 3, 4], (new Size((2, 3)) + new Size(4)).Shape);
        Assert.Equal([3L, 4], new Size((2, 3, 4, 5)).Slice(1, -1).Shape);
        Assert.Equal([2L, 3], new Size((2, 3, 4)).Take(2));
        Assert.True(Size.Empty.IsScalar);
        Assert.Equal([5L, 3, 4], broadcast_shapes([3, 1], [5, 1, 4]).Shape);
        Assert.Throws<ArgumentException>(() => broadcast_shapes([3], [4]));
    }

    public static TheoryData<string> Mistakes => [.. Wrong.Keys];

    private static readonly Dictionary<string, (Action Mistake, string Message, string Operator)> Wrong = new()
    {
        ["a transform of no elements"] = (() => fft.fft_(zeros(0)), "Invalid number of data points", "aten::fft_fft"),
        ["a window longer than its transform"] = (() => stft(ones(20), 4, win_length: 8), "win_length", "aten::stft"),
        ["a matrix without inverse"] = (() => linalg.inv(zeros(2, 2)), "singular", "aten::linalg_inv"),
        ["a matrix that is not square"] = (() => linalg.eig(ones(2, 3)), "square", "aten::linalg_eig"),
        ["no positive definite matrix"] = (() => linalg.cholesky(-eye(2)), "positive-definite", "aten::linalg_cholesky"),
        ["a split whose lengths do not add up"] = (() => ones(5).split([2L, 2]), "sum exactly to 5", "aten::split_with_sizes"),
        ["positions of another type"] = (() => ones(3).index_fill(0, tensor([0.5f]), 1), "Expected dtype int64", "aten::index_fill"),
        ["a position out of range"] = (() => ones(3).take(tensor([7L])), "out of range", "aten::take"),
        ["real parts of another type than the imaginary ones"] = (() => complex(ones(2), ones(2, float64)), "Expected object of scalar type", "aten::complex"),
        ["a complex number into a real tensor"] = (() => ones(2).fill_(new Complex(1, 1)), "without overflow", "aten::fill_"),
        ["coordinates outside of a sparse tensor"] = (() => sparse_coo_tensor(tensor(new long[,] { { 5 } }), ones(1), [3]), "inconsistent with indices", "aten::sparse_coo_tensor"),
        ["a draw of more than there is"] = (() => ones(3).multinomial(4), "without replacement", "aten::multinomial"),
        ["a quantile above one"] = (() => quantile(ones(3), tensor(2f)), "range [0, 1]", "aten::quantile"),
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_gives_the_message_of_libtorch_and_the_operator(string name)
    {
        using var scope = NewDisposeScope();
        var (mistake, message, op) = Wrong[name];
        var error = Assert.Throws<ExternalException>(mistake);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(op, error.Message, StringComparison.Ordinal);
    }
}
