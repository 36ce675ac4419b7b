using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Training.Tests;

[Collection(EngineTests.Name)]
public class AccelerationTests
{
    [Fact]
    public void Averages_move_by_the_decay()
    {
        using var scope = NewDisposeScope();
        var averages = new[] { tensor(new float[] { 1, 2 }), tensor(new float[] { 10 }) };
        Acceleration.UpdateAverages(averages, [tensor(new float[] { 3, 2 }), tensor(new float[] { -10 })], 0.75);
        Assert.Equal([1.5f, 2f], averages[0].data<float>().ToArray());
        Assert.Equal([5f], averages[1].data<float>().ToArray());
    }

    [Theory]
    [InlineData(26, 3.0, 4.0, 12.0)]
    [InlineData(13.5, 3.0, 4.0, 12.0)]
    [InlineData(6.5, 1.5, 2.0, 6.0)]
    public void Gradients_longer_than_the_limit_are_scaled_down_to_it(double limit, double a, double b, double c)
    {
        using var scope = NewDisposeScope();
        // The norm of (3, 4, 12) is 13. A parameter without gradient takes no part.
        var parameters = new[] { new Parameter(zeros(2)), new Parameter(zeros(1)), new Parameter(zeros(5)) };
        parameters[0].grad = tensor(new float[] { 3, 4 });
        parameters[1].grad = tensor(new float[] { 12 });
        Assert.Equal(13, (double)Acceleration.ClipGradients(parameters, limit), 5);
        Assert.Equal([a, b], parameters[0].grad!.data<float>().ToArray().Select(value => (double)value), (x, y) => Math.Abs(x - y) < 1e-5);
        Assert.Equal(c, parameters[1].grad!.item<float>(), 5);
    }

    [Fact]
    public void The_engine_says_what_it_is()
    {
        var engine = EngineInfo.Current;
        Assert.Matches("^(Repro.Torch|TorchSharp [0-9.]+) over libtorch [0-9.]+", engine.Name);
        Assert.Matches("^[0-9a-f]{16,}$", engine.BuildIdentity);
        Assert.NotEmpty(engine.CpuCapability);
        Assert.NotEmpty(engine.Blas);
        Assert.Equal(cuda.is_available(), engine.CudaDevices.Count > 0);
        Assert.Same(engine, EngineInfo.Current);
    }

    [Fact]
    public void A_normalization_with_what_follows_it_gives_what_the_modules_give_one_after_the_other()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var (images, residual) = (randn(3, 4, 5, 5), randn(3, 4, 5, 5));
        var (batch, group) = (nn.BatchNorm2d(4), nn.GroupNorm(2, 4));
        Same(x => Acceleration.BatchNormRelu(batch, x), x => batch.call(x).relu());
        Same(x => Acceleration.BatchNormRelu(batch, x, residual), x => (batch.call(x) + residual).relu());
        Same(x => Acceleration.GroupNormSilu(group, x), x => nn.functional.silu(group.call(x)));

        void Same(Func<Tensor, Tensor> one, Func<Tensor, Tensor> other)
        {
            foreach (var (a, b) in Results(one).Zip(Results(other))) Assert.True(a.allclose(b, 1e-4, 1e-5), $"{a.ToString(numpy)}\n{b.ToString(numpy)}");
        }

        Tensor[] Results(Func<Tensor, Tensor> function)
        {
            var x = images.detach().requires_grad_();
            var y = function(x);
            (y * residual).sum().backward();
            return [y, x.grad!];
        }
    }

    /// <summary>What the engine adds, or plain TorchSharp instead of it: the same training, but for the rounding of shorter types.</summary>
    [Fact]
    public void A_step_with_everything_that_the_engine_adds_trains_like_a_plain_one()
    {
        List<float[]> Train(bool accelerated)
        {
            using var scope = NewDisposeScope();
            manual_seed(4);
            using var model = nn.Sequential(nn.Conv2d(3, 4, 3, padding: 1), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 16, 3));
            using var optimizer = optim.SGD(model.parameters(), 0.125);
            var batches = Enumerable.Range(0, 3).Select(i => new[] { randn(2, 3, 4, 4), tensor([0L, i]) }).ToList();
            var scale = new LossScale();
            if (accelerated) Acceleration.ChannelsLast(model);
            foreach (var batch in accelerated ? Acceleration.OnDevice(batches, CPU) : batches)
            {
                var step = Acceleration.StaticStep(
                    () =>
                    {
                        optimizer.zero_grad();
                        var images = accelerated ? Acceleration.ImagesChannelsLast(batch[0]) : batch[0];
                        var logits = accelerated ? Acceleration.Checkpoint(model.call, images) : model.call(images);
                        var loss = nn.functional.cross_entropy(logits, batch[1]);
                        (accelerated ? scale.Scale(loss) : loss).backward();
                    },
                    CPU, out var recording);
                step();
                recording?.Dispose();
                if (accelerated) Assert.True(scale.Step(optimizer));
                else optimizer.step();
            }
            return [.. model.parameters().Select(parameter => parameter.contiguous().data<float>().ToArray())];
        }
        foreach (var (plain, accelerated) in Train(false).Zip(Train(true)))
            Assert.Equal(plain, accelerated, (x, y) => Math.Abs(x - y) < 1e-5);
    }

    [Fact]
    public void Autocast_gives_nearly_the_same_values_and_ends_with_its_block()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (randn(4, 4), randn(4, 4));
        Tensor product;
        using (Acceleration.Autocast(DeviceType.CPU)) product = a.matmul(b);
        Assert.True(product.to(float32).allclose(a.matmul(b), rtol: 0.05, atol: 0.05));
        Assert.Equal(float32, a.matmul(b).dtype);
    }

    [Fact]
    public void Without_CUDA_there_is_no_memory_of_it_to_speak_of()
    {
        Acceleration.EmptyCudaCache();
        Assert.Equal(cuda.is_available(), Acceleration.CudaMemory() is not null);
    }
}
