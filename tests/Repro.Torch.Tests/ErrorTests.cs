using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Torch.Tests;

/// <summary>Whatever is done wrong gives an exception with libtorch's message and the operator's name; the process lives and computes on.</summary>
public class ErrorTests
{
    private static readonly Dictionary<string, (Action Mistake, string Message, string Operator)> Wrong = new()
    {
        ["shapes that do not broadcast"] = (() => _ = ones(2, 3) + ones(4), "must match the size of tensor", "::add"),
        ["a reshape to another number of elements"] = (() => ones(2, 3).reshape(4), "invalid for input of size 6", "aten::reshape"),
        ["a batch product of other batches"] = (() => ones(2, 3, 4).bmm(ones(3, 4, 5)), "batch2", "repro::bmm"),
        ["a linear layer for another width"] = (() => Linear(3, 2).call(ones(1, 4)), "cannot be multiplied", "::linear"),
        ["parts of different shapes put together"] = (() => cat([ones(2, 3), ones(2, 4)]), "Sizes of tensors must match", "aten::cat"),
        ["a division of integers by zero"] = (() => tensor([1L]).div(tensor([0L]), RoundingMode.floor), "ZeroDivisionError", "aten::div"),
        ["a remainder by zero"] = (() => tensor([1L]).remainder(tensor([0L])), "ZeroDivisionError", "aten::remainder"),
        ["types that cannot be multiplied as matrices"] = (() => ones(2, 2).matmul(ones(2, 2, float64)), "expected", "repro::matmul"),
        ["indices that are no integers"] = (() => ones(3).index_select(0, ones(1)), "index_select(): Expected dtype int32 or int64", "aten::index_select"),
        ["an in-place result of another type"] = (() => ones(2, int64).add_(ones(2)), "can't be cast to the desired output type Long", "aten::add_"),
        ["an index_select out of range"] = (() => ones(3).index_select(0, tensor([3L])), "out of range", "aten::index_select"),
        ["a gather out of range"] = (() => ones(3).gather(0, tensor([3L])), "out of bounds for dimension 0 with size 3", "aten::gather"),
        ["a slice of a dimension that is not there"] = (() => ones(3).narrow(1, 0, 1), "Dimension out of range", "aten::narrow"),
        ["an allocation of 2^50 bytes"] = (() => empty(1L << 50, int8), "can't allocate memory", "aten::empty"),
        ["an allocation within an operator"] = (() => ones(1 << 20, 1).expand(1 << 20, 1 << 28).contiguous(), "can't allocate memory", "aten::contiguous"),
        ["a size beyond 64 bits"] = (() => empty(1L << 40, 1L << 40), "overflow", "aten::empty"),
        ["a negative size"] = (() => zeros(-1), "negative dimension", "aten::zeros"),
        ["a maximum of nothing"] = (() => ones(0).max(), "numel() == 0", "aten::max"),
        ["a place of the maximum of nothing"] = (() => ones(0).argmax(), "numel() == 0", "aten::argmax"),
        ["a matrix that is not positive-definite"] = (() => linalg.cholesky(-eye(2)), "not positive-definite", "aten::linalg_cholesky"),
        ["a singular matrix inverted"] = (() => linalg.inv(zeros(2, 2)), "singular", "aten::linalg_inv"),
        ["a second backward"] = (BackwardTwice, "backward through the graph a second time", "Tensor.backward"),
        ["an in-place change of a leaf"] = (() => ones(2, requires_grad: true).mul_(2), "a leaf Variable that requires grad", "aten::mul_"),
        ["an in-place change of what backward needs"] = (ChangeSaved, "modified by an inplace operation", "Tensor.backward"),
        ["a gradient of another type"] = (() => ones(2, requires_grad: true).grad = ones(2, float64), "gradient of type", "Tensor.grad"),
        ["a gradient for integers"] = (() => ones(2, int64).requires_grad_(), "floating point", "Tensor.requires_grad_"),
        ["a type that is none"] = (() => zeros(2, dtype: (ScalarType)99), "unknown scalar type 99", "aten::zeros"),
        ["a conversion to a type that is none"] = (() => ones(2).to((ScalarType)77), "unknown scalar type 77", "aten::"),
        ["a device's index beyond all"] = (() => zeros(2, device: new Device(DeviceType.CPU, 300)), "no device has the index 300", "aten::zeros"),
        ["an unused input"] = (() => autograd.grad([ones(1, requires_grad: true) * 2], [ones(1, requires_grad: true)]), "not have been used in the graph", "autograd.grad"),
    };

    public static TheoryData<string> Mistakes => [.. Wrong.Keys];

    private static void BackwardTwice()
    {
        var loss = ones(2, requires_grad: true).exp().sum();
        loss.backward();
        loss.backward();
    }

    private static void ChangeSaved()
    {
        var y = ones(2, requires_grad: true).exp();
        y.add_(1);
        y.sum().backward();
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_gives_libtorchs_message_and_the_operator_and_the_process_lives(string name)
    {
        using var scope = NewDisposeScope();
        var (mistake, message, op) = Wrong[name];
        var error = Assert.Throws<ExternalException>(mistake);
        Assert.Contains(message, error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(op, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception raised from", error.Message, StringComparison.Ordinal);
        Assert.Equal(4f, (ones(2) + 1).sum().item<float>());
    }

    [Fact]
    public void Disposed_handles_are_refused_wherever_they_are_given()
    {
        using var scope = NewDisposeScope();
        var gone = ones(2, requires_grad: true);
        var parameter = new TorchSharp.Modules.Parameter(ones(2));
        using var optimizer = optim.SGD([parameter], 0.1);
        gone.Dispose();
        parameter.Dispose();
        using var generator = new Generator(1);
        generator.Dispose();
        foreach (var use in (Action[])[() => gone.sum(), () => gone.backward(), () => _ = gone.grad, () => gone.requires_grad_(), () => gone.stride(), () => gone.data<float>(),
            () => autograd.grad([ones(1)], [gone]), () => autograd.backward([gone]), () => stack([ones(2), gone]), () => ones(2).copy_(gone), () => ones(2)[gone].sum(),
            () => ones(2).grad = gone, () => rand(2, generator: generator), () => generator.get_state(), () => ActivationCheckpoint.Run(t => t, gone), () => Foreach.Zero([gone]),
            () => optimizer.step()])
            Assert.Throws<InvalidOperationException>(use);
    }

    [SkippableFact]
    public void A_device_that_is_not_here_is_named()
    {
        Skip.If(cuda.is_available(), "CUDA is here");
        using var scope = NewDisposeScope();
        Assert.Contains("CUDA", Assert.Throws<InvalidOperationException>(() => ones(2).to(new Device("cuda:7"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("17")]
    [InlineData("-1")]
    [InlineData("99:0")]
    [InlineData("gpu")]
    public void A_word_that_names_no_device_is_refused(string word) =>
        Assert.Contains($"'{word}'", Assert.Throws<ArgumentException>(() => new Device(word)).Message, StringComparison.Ordinal);

    // LAPACK's versions differ in which of the two they do; none may hang or crash.
    [Fact]
    public void NaN_given_to_a_decomposition_ends_in_NaN_or_in_an_error_by_name()
    {
        using var scope = NewDisposeScope();
        foreach (var (name, decompose) in new (string, Func<Tensor, Tensor>)[] { ("aten::linalg_eigh", t => linalg.eigh(t).Item1), ("aten::linalg_cholesky", linalg.cholesky) })
        {
            try
            {
                Assert.True(decompose(full(3, 3, double.NaN, dtype: float64)).isnan().any().item<bool>());
            }
            catch (ExternalException error)
            {
                Assert.Contains(name, error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void As_many_gradients_as_outputs_or_none()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        (x * 2).sum().backward([]);
        Assert.Equal([2f, 2f], x.grad!.data<float>().ToArray());
        Assert.Contains("2 gradients were given for 1 outputs", Assert.Throws<ArgumentException>(() => (x * 2).backward([ones(2), ones(2)])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => autograd.grad([x * 2, x * 3], [x], [ones(2)]));
    }

    [Fact]
    public void A_closure_that_throws_passes_its_own_exception_through_and_leaves_everything_usable()
    {
        using var scope = NewDisposeScope();
        var parameter = new TorchSharp.Modules.Parameter(ones(2));
        using var optimizer = optim.SGD([parameter], 0.5);
        Assert.Equal("mine", Assert.Throws<TimeoutException>(() => optimizer.step(() => throw new TimeoutException("mine"))).Message);
        Assert.True(is_grad_enabled());
        Assert.Same(scope, CurrentDisposeScope);
        parameter.sum().backward();
        optimizer.step();
        Assert.Equal([0.5f, 0.5f], parameter.data<float>().ToArray());
    }

    [Fact]
    public void A_module_that_throws_in_its_forward_pass_leaves_no_tensor_behind()
    {
        var before = Runtime.LiveTensors;
        using (var model = Sequential(Linear(4, 4), new Throwing(), Linear(4, 2)))
            using (NewDisposeScope())
                Assert.Equal("in forward", Assert.Throws<TimeoutException>(() => model.call(ones(1, 4))).Message);
        Assert.Equal(before, Runtime.LiveTensors);
    }

    private sealed class Throwing() : Module<Tensor, Tensor>(nameof(Throwing))
    {
        public override Tensor forward(Tensor input) => throw new TimeoutException("in forward");
    }
}
