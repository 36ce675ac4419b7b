using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

public class ExtrasTests
{
    [Fact]
    public void Autocast_computes_products_in_bfloat16_and_leaves_parameters_and_gradients_as_they_are()
    {
        using var scope = NewDisposeScope();
        var layer = nn.Linear(4, 3);
        var x = randn(2, 4);
        Tensor y, loss;
        using (new Autocast(DeviceType.CPU))
        {
            Assert.True(Autocast.IsEnabled(DeviceType.CPU));
            y = layer.call(x);
            using (new Autocast(DeviceType.CPU, enabled: false))
                Assert.Equal(float32, layer.call(x).dtype);
            Assert.Equal(bfloat16, layer.call(x).dtype);
            loss = nn.functional.mse_loss(y.to(float32), zeros(2, 3));
        }
        Assert.False(Autocast.IsEnabled(DeviceType.CPU));
        Assert.Equal(bfloat16, y.dtype);
        Assert.Equal(float32, layer.call(x).dtype);
        loss.backward();
        Assert.Equal(float32, layer.weight!.grad!.dtype);
        Assert.True(allclose(y.to(float32), layer.call(x), rtol: 0.05, atol: 0.05));
    }

    [Fact]
    public void Autocast_belongs_to_its_thread_and_ends_with_an_exception()
    {
        Action failing = () =>
        {
            using var block = new Autocast(DeviceType.CPU);
            var elsewhere = true;
            var thread = new Thread(() => elsewhere = Autocast.IsEnabled(DeviceType.CPU));
            thread.Start();
            thread.Join();
            Assert.False(elsewhere);
            throw new InvalidOperationException();
        };
        Assert.Throws<InvalidOperationException>(failing);
        Assert.False(Autocast.IsEnabled(DeviceType.CPU));
        Assert.Contains("not to Float16", Assert.Throws<ArgumentException>(() => new Autocast(DeviceType.CPU, ScalarType.Float16)).Message, StringComparison.Ordinal);
        Assert.Contains("not for MPS", Assert.Throws<ArgumentException>(() => new Autocast(DeviceType.MPS)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_scaler_takes_good_steps_as_without_it_and_leaves_out_those_that_overflow()
    {
        using var scope = NewDisposeScope();
        var scaler = new GradScaler(initialScale: 1024, growthInterval: 2);
        var (scaled, plain) = (new Parameter(ones(3)), new Parameter(ones(3)));
        using var one = optim.SGD([scaled], 0.125);
        using var other = optim.SGD([plain], 0.125);
        for (var step = 0; step < 2; step++)
        {
            one.zero_grad();
            other.zero_grad();
            scaler.Scale((scaled * scaled).sum()).backward();
            (plain * plain).sum().backward();
            Assert.True(scaler.Step(one));
            other.step();
            scaler.Update();
        }
        Assert.Equal(plain.data<float>().ToArray(), scaled.data<float>().ToArray()); // powers of two lose no bits
        Assert.Equal(2048, scaler.Factor); // grown after two good steps

        one.zero_grad();
        scaler.Scale(scaled.sum() * float.PositiveInfinity).backward();
        var before = scaled.data<float>().ToArray();
        Assert.False(scaler.Step(one));
        scaler.Update();
        Assert.Equal(before, scaled.data<float>().ToArray());
        Assert.Equal(1024, scaler.Factor);
    }

    [Fact]
    public void A_scaler_unscales_once_keeps_its_state_and_switched_off_does_nothing()
    {
        using var scope = NewDisposeScope();
        var parameter = new Parameter(ones(2));
        using var optimizer = optim.SGD([parameter], 0.5);
        var scaler = new GradScaler(initialScale: 8, growthInterval: 5);
        Assert.Throws<InvalidOperationException>(scaler.Update);
        scaler.Scale(parameter.sum()).backward();
        Assert.Equal([8f, 8f], parameter.grad!.data<float>().ToArray());
        scaler.Unscale(optimizer);
        Assert.Equal([1f, 1f], parameter.grad!.data<float>().ToArray());
        Assert.Contains("unscaled already", Assert.Throws<InvalidOperationException>(() => scaler.Unscale(optimizer)).Message, StringComparison.Ordinal);
        Assert.True(scaler.Step(optimizer));
        Assert.Equal([0.5f, 0.5f], parameter.data<float>().ToArray());
        scaler.Update();
        var copy = new GradScaler();
        copy.Load(scaler.State());
        Assert.Equal(new GradScalerState(8, 2, 0.5, 5, 1), copy.State());

        var off = new GradScaler(enabled: false);
        Assert.Equal(2f, off.Scale(full(1, 2f)).item<float>());
        Assert.True(off.Step(optimizer));
        off.Update();
        Assert.Equal(float32, new GradScaler().Scale(ones([], ScalarType.Float16)).dtype);
    }

    [Fact]
    public void Foreach_operators_equal_the_loop()
    {
        using var scope = NewDisposeScope();
        Tensor[] Make(int seed) => [.. new long[] { 3, 5 }.Select(n => rand(n, generator: new Generator((ulong)seed)) + 0.5)];
        var (a, b, c) = (Make(1), Make(2), Make(3));
        var expected = a.Select((t, i) => ((t + b[i] * 0.5) * c[i] * 2 + b[i] / c[i] * 3).data<float>().ToArray()).ToList();
        Foreach.Add(a, b, alpha: 0.5);
        Foreach.Multiply(a, c);
        Foreach.Multiply(a, 2);
        Foreach.AddQuotient(a, b, c, 3);
        for (var i = 0; i < a.Length; i++)
        {
            Assert.Equal(expected[i], a[i].data<float>().ToArray(), (x, y) => Math.Abs(x - y) < 1e-5);
            Assert.Equal(a[i].norm().item<float>(), Foreach.Norms(a)[i].item<float>(), 1e-5);
            Assert.Equal(a[i].sqrt().data<float>().ToArray(), Foreach.Sqrt(a)[i].data<float>().ToArray());
        }
        Foreach.Zero(a);
        Assert.All(a, t => Assert.Equal(0f, t.sum().item<float>()));
        Assert.Throws<ArgumentOutOfRangeException>(() => Foreach.Add(a, [b[0]]));
        Foreach.Zero([]);
    }

    [Fact]
    public void A_channels_last_model_keeps_its_parameters_and_gives_the_same_values_and_gradients()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var net = new SmallResNet();
        net.eval();
        var images = randn(2, 3, 8, 8);
        (float[] Values, float[] Gradient) Compute(Tensor x)
        {
            net.zero_grad();
            var y = net.call(x);
            y.square().sum().backward();
            return (y.data<float>().ToArray(), net.parameters().First().grad!.contiguous().data<float>().ToArray());
        }
        var plain = Compute(images);
        var identities = net.parameters().ToArray();
        ChannelsLast.Convert(net);
        Assert.All(net.parameters().Where(p => p.dim() == 4), p => Assert.True(ChannelsLast.Is(p)));
        Assert.All(net.parameters().Where(p => p.dim() == 4), p => Assert.True(p.grad is null || ChannelsLast.Is(p.grad)));
        Assert.All(net.parameters().Zip(identities), pair => Assert.Same(pair.Second, pair.First));
        var turned = Compute(ChannelsLast.Of(images));
        Assert.Equal(plain.Values, turned.Values, (x, y) => Math.Abs(x - y) < 1e-4);
        Assert.Equal(plain.Gradient, turned.Gradient, (x, y) => Math.Abs(x - y) < 1e-3 * (1 + Math.Abs(x)));
        Assert.False(ChannelsLast.Is(images));
        Assert.False(ChannelsLast.Is(ones(2)));
    }

    [SkippableFact]
    public void Without_CUDA_its_extras_say_so()
    {
        Skip.If(CudaMemory.IsSupported, "this libtorch has CUDA");
        foreach (var use in (Action[])[() => CudaMemory.Statistics(), CudaMemory.EmptyCache, () => CudaMemory.ResetPeak(), () => _ = new CudaStream(), () => CudaStream.Current(),
            () => CudaGraph.Capture(() => { }), () => _ = new PinnedPrefetch([], new Device(DeviceType.CUDA))])
            Assert.Contains("built without CUDA", Assert.Throws<NotSupportedException>(use).Message, StringComparison.Ordinal);
    }
}
