using Repro.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Torch.Tests;

/// <summary>What fused layers keep for backward, and what they may write over.</summary>
public class WhatIsKeptTests
{
    [Fact]
    public void What_dropout_gave_and_what_a_frozen_layer_took_may_be_changed_before_backward()
    {
        using var scope = NewDisposeScope();
        var x = ones(4, 3, requires_grad: true);
        var first = x * 1;
        var dropped = functional.dropout(first, 0.5, training: true);
        var mask = dropped.detach().clone();
        first.add_(1);
        dropped.sum().backward();
        Assert.True(x.grad!.allclose(mask));

        var layer = Linear(3, 2);
        layer.weight!.requires_grad = false;
        var y = ones(4, 3, requires_grad: true);
        var input = y * 1;
        var output = layer.call(input);
        input.zero_();
        output.sum().backward();
        Assert.True(y.grad!.allclose(layer.weight.sum(0, keepdim: true).expand(4, 3)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_gradient_in_an_array_of_the_program_is_not_written_over(bool group)
    {
        using var scope = NewDisposeScope();
        var numbers = Enumerable.Range(0, 24).Select(i => (float)i).ToArray();
        var before = numbers.ToArray();
        Module<Tensor, Tensor> norm = group ? GroupNorm(1, 1) : BatchNorm1d(1);
        var y = norm.call(randn(24, 1, requires_grad: true));
        GivesNumbers.apply(y, numbers).sum().backward();
        Assert.Equal(before, numbers);
    }

    private sealed class GivesNumbers : autograd.SingleTensorFunction<GivesNumbers>
    {
        public override string Name => nameof(GivesNumbers);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("numbers", vars[1]);
            return ((Tensor)vars[0]).sin();
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            var gradient = frombuffer((float[])ctx.get_data("numbers")!, float32);
            gradient.unsqueeze_(1);
            return [gradient, null!];
        }
    }

    [Fact]
    public void A_residual_that_is_not_a_number_passes_its_gradient_on()
    {
        using var scope = NewDisposeScope();
        var x = randn(2, 3, 2, 2);
        var residual = zeros(2, 3, 2, 2);
        residual[0, 0, 0, 0] = float.NaN;
        residual.requires_grad_();
        Fused.BatchNormRelu(BatchNorm2d(3), x, residual).sum().backward();
        Assert.Equal(1, residual.grad![0, 0, 0, 0].item<float>()); // as relu's own: what is not <= 0 passes
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Sums_over_large_images_are_as_exact_as_over_small_ones(bool channelsLast)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        var x = randn(1, 2, 512, 512) + 10;
        var wide = functional.group_norm(x.to(float64), 1);
        var ours = functional.group_norm(channelsLast ? ChannelsLast.Of(x) : x, 1);
        Assert.True((ours.to(float64) - wide).abs().max().item<double>() < 5e-6);
    }

    [Fact]
    public void A_class_written_into_the_target_after_the_loss_is_refused_by_backward()
    {
        using var scope = NewDisposeScope();
        var logits = randn(3, 4, requires_grad: true);
        var target = zeros(3, int64);
        var loss = functional.cross_entropy(logits, target);
        target.data<long>()[2] = 7;
        Assert.Contains("out of bounds", Assert.ThrowsAny<Exception>(() => loss.backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Clipping_gradients_with_a_nan_makes_all_of_them_nan_as_in_PyTorch()
    {
        using var scope = NewDisposeScope();
        TorchSharp.Modules.Parameter[] parameters = [new(zeros(2)), new(zeros(1))];
        foreach (var clip in (Func<double>[])[() => Fused.ClipGradientNorm(parameters, 1), () => nn.utils.clip_grad_norm_(parameters, 1)])
        {
            (parameters[0].grad, parameters[1].grad) = (tensor([float.NaN, 2f]), tensor([3f]));
            Assert.True(double.IsNaN(clip()));
            Assert.All(parameters, parameter => Assert.True(parameter.grad!.isnan().all().item<bool>()));
        }
    }

    [Fact]
    public void An_optimizer_follows_its_model_to_another_type()
    {
        using var scope = NewDisposeScope();
        foreach (var make in (Func<IEnumerable<TorchSharp.Modules.Parameter>, optim.Optimizer>[])[p => optim.Adam(p), p => optim.RMSProp(p, 0.01, momentum: 0.9), p => optim.Adagrad(p), p => optim.NAdam(p)])
        {
            var model = Linear(3, 2);
            using var optimizer = make(model.parameters());
            model.to(float64);
            var before = model.weight!.detach().clone();
            model.call(ones(4, 3, float64)).sum().backward();
            optimizer.step();
            Assert.False(model.weight!.allclose(before));
        }
    }
}
