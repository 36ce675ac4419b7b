using System.Numerics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.utils.rnn;

namespace Repro.Torch.Tests;

/// <summary>Small things that programs written for TorchSharp rely on.</summary>
public class TorchSharpBehaviourTests
{
    [Fact]
    public void OneIndexOfAnAccessorIsThePositionInRowMajorOrder()
    {
        using var scope = NewDisposeScope();
        var matrix = arange(6, float32).reshape(2, 3);
        Assert.Equal(4f, matrix.data<float>()[4]);
        Assert.Equal(3f, matrix.t().data<float>()[1]);
        matrix.t().data<float>()[5] = 50;
        Assert.Equal(50f, matrix[1, 2].item<float>());
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.data<float>()[6]);
    }

    [Fact]
    public void APackedSequenceIsOneThingToItsScope()
    {
        using var outer = NewDisposeScope();
        Tensor[] sequences = [tensor(new[] { 1L, 2, 3, 4 }), tensor(new[] { 5L, 6 })];
        PackedSequence kept, lost;
        using (var inner = NewDisposeScope())
        {
            kept = pack_sequence(sequences).MoveToOuterDisposeScope();
            lost = pack_sequence(sequences, enforce_sorted: false);
            Assert.Equal(1, inner.DisposablesCount);
            Assert.True(inner.Contains(lost));
        }
        Assert.True(lost.data.IsInvalid);
        Assert.False(kept.data.IsInvalid);
        Assert.True(kept.sorted_indices.IsInvalid);
        Assert.Equal(3, outer.DisposablesCount);
        outer.Detach(kept);
        Assert.Equal(2, outer.DisposablesCount);
        kept.Dispose();
        Assert.True(kept.batch_sizes.IsInvalid);
    }

    [Fact]
    public void PackedSequencesAreCountedLikeTensors()
    {
        using var sequence = ones(3);
        var statistics = DisposeScopeManager.Statistics;
        statistics.Reset();
        using (NewDisposeScope())
            pack_sequence([sequence]);
        pack_sequence([sequence]).Dispose();
        Assert.Equal(1, statistics.PackedSequenceStatistics.CreatedInScopeCount);
        Assert.Equal(1, statistics.PackedSequenceStatistics.DisposedInScopeCount);
        Assert.Equal(1, statistics.PackedSequenceStatistics.CreatedOutsideScopeCount);
        Assert.Equal(1, statistics.PackedSequenceStatistics.DisposedOutsideScopeCount);
        Assert.Equal(0, statistics.ThreadTotalLiveCount);
        Assert.StartsWith("ThreadTotalLiveCount: 0; CreatedOutsideScopeCount: ", statistics.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void TrainingLeavesNoTensorBehindInTheCounts()
    {
        DisposeScopeManager.Statistics.Reset();
        using (NewDisposeScope())
        {
            using var layer = nn.Linear(3, 2);
            using var adam = optim.Adam(layer.parameters());
            using var sgd = optim.SGD(layer.parameters(), 0.1, momentum: 0.9);
            layer.call(ones(4, 3)).sum().backward();
            adam.step();
            sgd.step();
        }
        Assert.Equal(0, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void JacobiansHaveTheShapesOfOutputAndInput()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[,] { { 1.0, 3 }, { 2, 4 } });
        var y = tensor(new[] { 5.0, 7 });
        var ofProduct = autograd.functional.jacobian(points => points[0].mv(points[1]), x, y).ToArray();
        Assert.Equal([2L, 2, 2], ofProduct[0].shape);
        Assert.Equal([5.0, 7, 0, 0, 0, 0, 5, 7], ofProduct[0].data<double>().ToArray());
        Assert.Equal([1.0, 3, 2, 4], ofProduct[1].data<double>().ToArray());
        Assert.Equal([2.0, 0, 0, 2], autograd.functional.jacobian(point => point * 2, y).data<double>().ToArray());
        var several = autograd.functional.jacobian(point => new[] { point.sum(), ones(2, float64) }, y).ToArray();
        Assert.Equal([1.0, 1], several[0].data<double>().ToArray());
        Assert.Equal([0.0, 0, 0, 0], several[1].data<double>().ToArray());
    }

    [Fact]
    public void ComplexNumbersAreMadeInEveryWay()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([new Complex(0, 0), new Complex(1, 0), new Complex(2, 0)], arange(3, complex128).data<Complex>().ToArray());
        var drawn = randint(5, 9, [50L], complex64);
        Assert.All(drawn.real.data<float>().Concat(drawn.imag.data<float>()), part => Assert.InRange(part, 5, 8));
        (float, float)[] values = [(1, 2), (3, 4), (5, 6)];
        var shared = frombuffer(values, complex64, 2, 1);
        shared[0] = new Complex(7, 8);
        GC.Collect();
        Assert.Equal((7f, 8f), values[1]);
        Assert.Equal(new Complex(5, 6), shared[1].to(complex128).item<Complex>());
        Assert.Contains("16 bytes", Assert.Throws<NotSupportedException>(() => frombuffer(new Complex[2], complex128)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TensorsTakeTheFirstValuesOfLongerLists()
    {
        using var scope = NewDisposeScope();
        long[] values = [1, 2, 3, 4, 5, 6, 7];
        Assert.Equal([1L, 2, 3, 4], tensor(values, [2, 2]).data<long>().ToArray());
        Assert.Equal([3L, 4], tensor(new Memory<long>(values, 2, 4), [2]).data<long>().ToArray());
        Assert.Throws<ArgumentException>(() => tensor(values, [2, 4]));
    }

    [Fact]
    public void PositionsOf32BitsIndexToo()
    {
        using var scope = NewDisposeScope();
        var values = arange(5, float32);
        var positions = tensor(new[] { 3, 1 });
        Assert.Equal([3f, 1], values[TensorIndex.Tensor(positions)].data<float>().ToArray());
        values.index_put_(tensor(9f), TensorIndex.Tensor(positions));
        Assert.Equal([0f, 9, 2, 9, 4], values.data<float>().ToArray());
        Assert.False(positions.IsInvalid);
    }

    [Fact]
    public void LabelsOfTheMultiLabelLossMayBeIntegers()
    {
        using var scope = NewDisposeScope();
        var scores = tensor(new[,] { { 0.5f, -1 }, { 2, 0 } });
        var labels = tensor(new[,] { { 1L, 0 }, { 0, 1 } });
        var loss = nn.MultiLabelSoftMarginLoss();
        Assert.Equal(loss.call(scores, labels.to(float32)).item<float>(), loss.call(scores, labels).item<float>());
    }

    [Fact]
    public void WrongArgumentsAreNamedAsSuch()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => rand(3, dtype: int64));
        Assert.Throws<ArgumentException>(() => ones(2, 2, @bool).positive());
        Assert.Throws<ArgumentException>(() => ones(4, 4, 4).hsplit(3));
        Assert.Throws<ArgumentException>(() => ones(4, 4, 4).vsplit(3));
        Assert.Throws<ArgumentException>(() => ones(4, 4, 4).dsplit(3));
        Assert.Throws<ArgumentException>(() => 1.ToTensor(requires_grad: true));
        Assert.Throws<ArgumentException>(() => quantize_per_tensor(ones(2), 0.1, 0, float32));
        Assert.Throws<ArgumentException>(() => nn.GroupNorm(3, 6).call(ones(2, 2)));
        Assert.Throws<ArgumentException>(() => nn.InstanceNorm2d(4, affine: true).call(ones(2, 3, 5, 5)));
    }

    [Fact]
    public void AModuleWithoutParametersHoldsOnlyItsLike()
    {
        var module = new Plain();
        module.register_module("inner", new Plain());
        Assert.Equal("inner", module.named_modules().Single().name);
        Assert.Throws<InvalidOperationException>(() => module.register_module("linear", nn.Linear(2, 2)));
    }

    [Fact]
    public void WaitingForADeviceThatIsNotThereIsNoError()
    {
        cuda.synchronize();
        Assert.True(cuda.is_available() || !cuda.is_cudnn_available());
        Assert.Equal(TryInitializeDeviceType(DeviceType.MPS), mps_is_available());
    }

    // Where a program finds a type is part of what it is: with a using of TorchSharp alone.
    [Fact]
    public void LossesAreDeclaredBesideTorchAndLayersInModules()
    {
        Assert.Equal("TorchSharp", typeof(Loss<Tensor, Tensor, Tensor>).Namespace);
        Assert.Equal("TorchSharp", typeof(WeightedLoss<Tensor, Tensor, Tensor>).Namespace);
        Assert.Equal("TorchSharp.Modules", typeof(NLLLoss).Namespace);
    }

    private sealed class Plain() : ParameterLessModule<Tensor, Tensor>("plain")
    {
        public override Tensor forward(Tensor input) => input.alias();
    }
}
