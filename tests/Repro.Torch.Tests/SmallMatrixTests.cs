using Repro.Torch.Dispatch;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

/// <summary>Products of many matrices, and dropout, of tensors that do not lie in rows: beside libtorch's own operators.</summary>
public class SmallMatrixTests
{
    public static TheoryData<string, Func<Tensor, Tensor>, Func<Tensor, Tensor>> Layouts => new()
    {
        { "heads of one product", x => x.view(3, 5, 3, 2, 16)[.., .., 0].transpose(1, 2), x => x.view(3, 5, 3, 2, 16)[.., .., 1].permute(0, 2, 3, 1) },
        { "left turned over", x => x.view(3, 2, 15, 16).transpose(2, 3), x => x.view(3, 2, 15, 16) },
        { "one row", x => x.view(3, 2, 15, 16)[.., .., ..1], x => x.view(3, 2, 15, 16).transpose(2, 3) },
        { "one column", x => x.view(3, 2, 15, 16), x => x.view(3, 2, 15, 16)[.., .., 3].unsqueeze(3) },
        { "one number between", x => x.view(3, 2, 15, 16)[.., .., .., 2..3], x => x.view(3, 2, 15, 16)[.., .., 4..5] },
        { "a matrix spread over a batch", x => x.view(3, 2, 15, 16), x => x.view(3, 2, 15, 16)[0, 0].transpose(0, 1).expand(3, 2, 16, 15) },
        { "every other column", x => x.view(3, 2, 15, 16)[.., .., .., TensorIndex.Slice(0, 16, 2)], x => x.view(3, 2, 15, 16)[.., .., ..8] },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void A_product_of_matrices_is_libtorchs_however_they_lie_and_so_are_its_gradients(string name, Func<Tensor, Tensor> left, Func<Tensor, Tensor> right)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var values = randn(3 * 5 * 3 * 2 * 16);
        (Tensor Product, Tensor Gradient) By(Operator product)
        {
            var x = values.clone().requires_grad_();
            var y = product.Call(left(x), right(x));
            (y * (arange(y.numel()).view(y.shape) * 0.01).cos()).sum().backward();
            return (y, x.grad!);
        }
        var (given, expected) = (By(FusedOps.matmul), By(Ops.matmul));
        Assert.True(given.Product.allclose(expected.Product, rtol: 1e-5, atol: 1e-5), name);
        Assert.True(given.Gradient.allclose(expected.Gradient, rtol: 1e-5, atol: 1e-5), name);
    }

    [Theory]
    [InlineData(4L, 5L, 7L)]
    [InlineData(1L, 5L, 7L)]
    [InlineData(4L, 1L, 7L)]
    [InlineData(4L, 5L, 1L)]
    public void What_is_added_to_a_product_of_matrices_spreads_over_it(long batch, long rows, long columns)
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var (a, b, added) = (randn(4, 5, 6), randn(4, 6, 7), randn(batch, rows, columns));
        Assert.True(added.baddbmm(a, b, alpha: 0.5f).allclose(added + a.matmul(b) * 0.5, rtol: 1e-5, atol: 1e-5));
    }

    [Fact]
    public void Minus_infinity_added_to_a_product_of_matrices_stays()
    {
        using var scope = NewDisposeScope();
        var mask = full([1, 3, 3], double.NegativeInfinity).triu(1);
        var scores = mask.baddbmm(ones(2, 3, 4), ones(2, 4, 3));
        Assert.True(scores.isneginf().eq(mask.isneginf().expand(2, 3, 3)).all().item<bool>());
        Assert.True(scores.tril().eq((ones(2, 3, 3) * 4).tril()).all().item<bool>());
    }

    [Fact]
    public void The_second_derivative_of_a_product_of_matrices_goes_through_both_factors()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var (a, b) = (randn(2, 3, 4).requires_grad_(), randn(2, 4, 3).requires_grad_());
        var first = autograd.grad([a.matmul(b).pow(2).sum()], [a], create_graph: true)[0];
        var second = autograd.grad([first.sum()], [b])[0];
        var plain = autograd.grad([autograd.grad([Ops.matmul.Call(a, b).pow(2).sum()], [a], create_graph: true)[0].sum()], [b])[0];
        Assert.True(second.allclose(plain, rtol: 1e-4, atol: 1e-5));
    }

    [Fact]
    public void Dropout_of_images_that_lie_channels_last_draws_as_libtorch_does()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        var images = randn(2, 4, 5, 3).permute(0, 3, 1, 2);
        (Tensor Kept, Tensor Gradient) By(Operator dropout)
        {
            manual_seed(5);
            var x = images.clone().requires_grad_();
            var y = dropout.Call(x, 0.4, true);
            y.backward([images.contiguous()]);
            return (y, x.grad!);
        }
        var (given, expected) = (By(FusedOps.dropout), By(new Operator("aten::dropout(Tensor input, float p, bool train) -> Tensor")));
        Assert.Equal(expected.Kept.stride(), given.Kept.stride());
        Assert.True(given.Kept.eq(expected.Kept).all().item<bool>());
        Assert.True(given.Gradient.eq(expected.Gradient).all().item<bool>());
    }
}
