using Repro.Studies;
using Repro.Studies.Formats;
using Repro.Training.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Tests.Checkpoints;

[Collection(EngineTests.Name)]
public class TensorBytesTests
{
    [Theory]
    [InlineData(ScalarType.Float32, SafetensorsType.F32)]
    [InlineData(ScalarType.Float64, SafetensorsType.F64)]
    [InlineData(ScalarType.Float16, SafetensorsType.F16)]
    [InlineData(ScalarType.BFloat16, SafetensorsType.BF16)]
    [InlineData(ScalarType.Int64, SafetensorsType.I64)]
    [InlineData(ScalarType.Int32, SafetensorsType.I32)]
    [InlineData(ScalarType.Byte, SafetensorsType.U8)]
    [InlineData(ScalarType.Bool, SafetensorsType.BOOL)]
    public void Every_element_type_survives(ScalarType type, SafetensorsType stored)
    {
        using var scope = NewDisposeScope();
        var original = tensor(new float[] { 0, 1, 2, 0, 1, 3 }, [2, 3]).to(type);
        var draft = TensorBytes.Draft("t", original);
        Assert.Equal(stored, draft.Type);
        var restored = TensorBytes.Load(new StoredTensor(draft.Type, draft.Shape, draft.Bytes()), CPU);
        Assert.Equal((type, true), (restored.dtype, restored.eq(original).all().item<bool>()));
        restored.Dispose();
    }

    [Fact]
    public void Views_scalars_and_empty_tensors_are_stored_row_by_row()
    {
        using var scope = NewDisposeScope();
        var matrix = tensor(new float[] { 1, 2, 3, 4, 5, 6 }, [2, 3]);
        Assert.Equal([1f, 4, 2, 5, 3, 6], Floats(TensorBytes.Draft("t", matrix.t())));
        Assert.Equal([], TensorBytes.Draft("t", tensor(2.5f)).Shape);
        Assert.Equal([2.5f], Floats(TensorBytes.Draft("t", tensor(2.5f))));
        Assert.Empty(Floats(TensorBytes.Draft("t", zeros(0, 4))));
    }

    [Fact]
    public void A_parameter_is_overwritten_in_place()
    {
        using var scope = NewDisposeScope();
        var weight = new TorchSharp.Modules.Parameter(zeros(2));
        var alias = weight.detach();
        TensorBytes.LoadInto("w", new StoredTensor(SafetensorsType.F32, [2], [.. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(2f)]), weight);
        Assert.Equal([1f, 2f], alias.data<float>().ToArray());
        Assert.True(weight.requires_grad);
    }

    [Fact]
    public void Another_shape_or_type_is_refused_by_name()
    {
        using var scope = NewDisposeScope();
        var target = zeros(2, 3);
        var shape = Assert.Throws<BadInputException>(() => TensorBytes.LoadInto("model.fc1.weight", new StoredTensor(SafetensorsType.F32, [3, 2], new byte[24]), target)).Message;
        Assert.Contains("'model.fc1.weight' is F32 [3, 2], but Float32 [2, 3] is needed", shape);
        Assert.Throws<BadInputException>(() => TensorBytes.LoadInto("t", new StoredTensor(SafetensorsType.I32, [2, 3], new byte[24]), target));
    }

    private static float[] Floats(DraftTensor draft) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(draft.Bytes()).ToArray();
}
