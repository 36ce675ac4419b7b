using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

public class TensorTests
{
    [Fact]
    public void Tensors_take_shape_and_type_from_what_they_are_made_of()
    {
        using var scope = NewDisposeScope();
        Assert.Equal((float32, "[2x3]"), Facts(tensor(new[,] { { 1f, 2f, 3f }, { 4f, 5f, 6f } })));
        Assert.Equal((int64, "[4]"), Facts(arange(4)));
        Assert.Equal((float32, "[4]"), Facts(arange(0, 2, 0.5)));
        Assert.Equal((@bool, "[2]"), Facts(tensor([true, false])));
        Assert.Equal((float64, "[]"), Facts(tensor(1.5)));
        Assert.Equal((float32, "[]"), Facts(tensor(1.5f)));
        Assert.Equal((int16, "[2]"), Facts(from_array(new short[] { 1, 2 })));
        Assert.Equal((float16, "[2x1]"), Facts(from_array(new float[,] { { 1 }, { 2 } }, float16)));
        Assert.Equal((float64, "[2x2]"), Facts(tensor([1f, 2f, 3f, 4f], [2, 2], float64)));
        Assert.Equal((int64, "[3]"), Facts(full(3, 7)));
        Assert.Equal((float32, "[3]"), Facts(full(3, 7.0)));
        Assert.Equal((uint8, "[0]"), Facts(tensor(Array.Empty<byte>())));
        Assert.Equal((float32, "[2x3x4x5]"), Facts(zeros(2, 3, 4, 5)));
        Assert.Equal([0f, 0.5f, 1f], linspace(0, 1, 3).data<float>());
        Assert.True(eye(2, 3).sum().item<float>() == 2);

        static (ScalarType, string) Facts(Tensor t) => (t.dtype, $"[{string.Join("x", t.shape)}]");
    }

    [Fact]
    public void An_array_that_a_tensor_was_made_of_stays_apart_from_it()
    {
        var array = new[] { 1f, 2f };
        using var copy = tensor(array);
        array[0] = 9;
        Assert.Equal([1f, 2f], copy.data<float>());
    }

    [Fact]
    public void Assignment_through_an_index_changes_the_part_alone()
    {
        using var scope = NewDisposeScope();
        var x = zeros(3, 4);
        x[1] = tensor([1f, 2f, 3f, 4f]);
        x[0, 2] = tensor(5f);
        x[2..3, ^2..] = tensor(7f);
        x[x == 1] = tensor(-1f);
        x[TensorIndex.Colon, TensorIndex.Tensor(tensor([0L]))] = tensor(8f);
        Assert.Equal([8f, 0, 5, 0, 8, 2, 3, 4, 8, 0, 7, 7], x.data<float>());
        x.index_put_(tensor(1f), [TensorIndex.Tensor(tensor([0L, 0L])), TensorIndex.Single(1)], accumulate: true);
        Assert.Equal(2f, x[0, 1].item<float>());
        x.index_put_(3, TensorIndex.Ellipsis, TensorIndex.Slice(0, 4, 2));
        Assert.Equal(18f, x[TensorIndex.Colon, TensorIndex.Slice(step: 2)].sum().item<float>());
    }

    [Fact]
    public void Operators_work_with_numbers_on_either_side()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1f, 2f, 4f]);
        Assert.Equal([3f, 4, 6], (2 + x).data<float>());
        Assert.Equal([9f, 8, 6], (10 - x).data<float>());
        Assert.Equal([8f, 4, 2], (8 / x).data<float>());
        Assert.Equal([1f, 0, 0], (x % 2).data<float>());
        Assert.Equal([false, true, true], (x >= 2).data<bool>());
        Assert.Equal([true, true, false], (3 > x).data<bool>());
        Assert.Equal([true, false, true], (~(x == 2)).data<bool>());
        x.add_(1).mul_(2).sub_(tensor(1f)).div_(3).clamp_(1.5, 2.5);
        Assert.Equal([1.5f, 5f / 3, 2.5f], x.data<float>());
        Assert.Equal(int64, (tensor([1L]) + 1).dtype);
        Assert.Equal(float32, (tensor([1L]) + 1.5).dtype);
    }

    [Fact]
    public void Elements_are_read_in_row_major_order_whatever_the_strides()
    {
        using var scope = NewDisposeScope();
        var turned = tensor(new[,] { { 1, 2, 3 }, { 4, 5, 6 } }).t();
        var data = turned.data<int>();
        Assert.Equal([1, 4, 2, 5, 3, 6], data.ToArray());
        Assert.Equal(5, data[1, 1]);
        data[1, 1] = 50;
        Assert.Equal(50, turned[1, 1].item<int>());
        Assert.Equal(new[,] { { 1, 4 }, { 2, 50 }, { 3, 6 } }, (int[,])data.ToNDArray());
        Assert.Equal(6, turned.ReadCpuInt32(5));
        Assert.Equal(1, (int)turned[0, 0]);
    }

    [Fact]
    public void Text_shows_metadata_or_the_elements()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[,] { { 1.5f, -2f }, { 0f, 1e-7f } });
        Assert.Equal("[2x2], type = Float32, device = cpu", x.ToString());
        Assert.Equal("[[1.5, -2]\n [0, 1e-07]]", x.ToString(numpy));
        Assert.Equal("[True]", tensor([true]).ToString(numpy));
        Assert.Equal("[0, 1, 2, ... 1998, 1999, 2000]", arange(2001).ToString(numpy));
    }

    [Fact]
    public void A_tensor_goes_through_a_file_bit_identical()
    {
        using var scope = NewDisposeScope();
        foreach (var x in new[] { randn(3, 4).t(), arange(5), tensor([true, false]), randn(2).to(bfloat16), zeros(0, 3) })
        {
            using var stream = new MemoryStream();
            x.Save(stream);
            stream.Position = 0;
            using var reader = new BinaryReader(stream);
            var back = TensorExtensionMethods.Load(reader);
            Assert.Equal(x.dtype, back.dtype);
            Assert.True(x.Equals(back));
        }
    }

    [Fact]
    public void Unused_inputs_have_no_gradient_where_that_is_allowed()
    {
        using var scope = NewDisposeScope();
        var used = ones(2, requires_grad: true);
        var unused = ones(2, requires_grad: true);
        var gradients = autograd.grad([(used * 3).sum()], [used, unused], allow_unused: true);
        Assert.Equal([3f, 3f], gradients[0].data<float>());
        Assert.Null(gradients[1]);
        Assert.Null(used.grad);
        var y = used * 2;
        y.retain_grad();
        y.sum().backward();
        Assert.Equal([1f, 1f], y.grad!.data<float>());
        Assert.True(used.is_leaf);
        Assert.False(y.is_leaf);
    }

    [Fact]
    public void Devices_are_named_as_in_PyTorch()
    {
        Assert.Equal("cpu", CPU.ToString());
        Assert.Equal("cuda:1", new Device("cuda:1").ToString());
        Assert.Equal((DeviceType.CUDA, 2), (new Device(2).type, new Device(2).index));
        Assert.Contains("cpu, cuda", Assert.Throws<ArgumentException>(() => new Device("gpu")).Message, StringComparison.Ordinal);
        if (!cuda.is_available())
            Assert.Throws<InvalidOperationException>(() => torch.device("cuda"));
    }
}
