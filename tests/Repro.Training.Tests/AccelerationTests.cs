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
}
