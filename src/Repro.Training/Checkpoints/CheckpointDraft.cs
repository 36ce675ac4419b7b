using System.Runtime.InteropServices;
using Repro.Studies.Formats;
using static TorchSharp.torch;

namespace Repro.Training.Checkpoints;

/// <summary>Gathers what goes into a checkpoint, by name.</summary>
internal sealed class CheckpointDraft
{
    private readonly List<DraftTensor> _tensors = [];

    public IReadOnlyList<DraftTensor> Tensors => _tensors;

    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>A tensor, with its content at the time of writing.</summary>
    public void Add(string name, Tensor tensor) => _tensors.Add(TensorBytes.Draft(name, tensor));

    public void Add(string name, double value) => Add(name, SafetensorsType.F64, [], BitConverter.GetBytes(value));

    public void Add(string name, long value) => Add(name, SafetensorsType.I64, [], BitConverter.GetBytes(value));

    public void Add(string name, double[] values) => Add(name, SafetensorsType.F64, [values.Length], MemoryMarshal.AsBytes<double>(values).ToArray());

    public void Add(string name, long[] values) => Add(name, SafetensorsType.I64, [values.Length], MemoryMarshal.AsBytes<long>(values).ToArray());

    private void Add(string name, SafetensorsType type, long[] shape, byte[] bytes) => _tensors.Add(new DraftTensor(name, type, shape, () => bytes));
}
