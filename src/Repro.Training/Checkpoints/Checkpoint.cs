using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Repro.Studies;
using Repro.Studies.Formats;
using Repro.Studies.Runs;
using static TorchSharp.torch;

namespace Repro.Training.Checkpoints;

/// <summary>
/// The whole resumable state of a run at a step, read into memory and verified. Names in the file: <c>model.*</c> parameters and buffers, <c>optimizer.*</c>,
/// <c>ema.*</c>, <c>best.*</c>, <c>task.*</c>, <c>generator</c>, <c>loop.*</c> (position), <c>averages.*</c>, <c>history.*</c>; <c>time.*</c> is the only
/// part that differs between a run that was interrupted and one that was not.
/// </summary>
public sealed class Checkpoint
{
    internal const string Format = "repro-checkpoint", Version = "1";

    private readonly string _file;
    private readonly IReadOnlyDictionary<string, StoredTensor> _tensors;

    private Checkpoint(string file, string digest, IReadOnlyDictionary<string, string> metadata, IReadOnlyDictionary<string, StoredTensor> tensors)
    {
        (_file, Sha256, Metadata, _tensors) = (file, digest, metadata, tensors);
        if (Text("format") != Format) throw new BadInputException($"'{file}' is no checkpoint of a run: its format is '{Text("format")}'.");
        if (Text("version") != Version)
            throw new BadInputException($"The checkpoint '{file}' has format version {Text("version")}; this program reads version {Version}. Continue the run with the program that wrote it.");
        Step = Int64("loop.step");
        Seed = ulong.TryParse(Text("seed"), NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : throw new BadInputException($"The checkpoint '{file}' states no seed.");
    }

    /// <summary>Reads and verifies a whole checkpoint.</summary>
    /// <exception cref="BadInputException">The file is not there, truncated, corrupt, or of another format version.</exception>
    public static Checkpoint Read(string file)
    {
        var (metadata, tensors, digest) = CheckpointFile.Read(file);
        return new Checkpoint(file, digest, metadata, tensors);
    }

    /// <summary>The first of some checkpoints that is whole, with its place among them; null where none is.</summary>
    /// <param name="files">Newest first.</param>
    /// <param name="refused">Called with a sentence for a person for each one before it.</param>
    /// <param name="complaint">What else is wrong with the checkpoint at a place, in a sentence; null where nothing is.</param>
    public static (Checkpoint Checkpoint, int Index)? FirstWhole(IReadOnlyList<string> files, Action<string> refused, Func<Checkpoint, int, string?>? complaint = null)
    {
        for (var i = 0; i < files.Count; i++)
        {
            try
            {
                var checkpoint = Read(files[i]);
                if (complaint?.Invoke(checkpoint, i) is { } wrong) throw new BadInputException(wrong);
                return (checkpoint, i);
            }
            catch (BadInputException damage)
            {
                var which = CheckpointFile.StepOf(files[i]) is { } step ? $"The checkpoint of step {step}" : $"The checkpoint '{files[i]}'";
                refused($"{which} cannot be used: {damage.Message} {(i + 1 < files.Count ? "The one before it is tried." : "There is none before it.")}");
            }
        }
        return null;
    }

    /// <summary>Optimizer steps in it.</summary>
    public long Step { get; }

    /// <summary>The run's seed.</summary>
    public ulong Seed { get; }

    /// <summary>As the file states it, lower-case hex.</summary>
    public string Sha256 { get; }

    /// <summary>Experiment, options (<c>option.*</c>), seed, data sets (<c>data.*</c> identities, <c>data_order.*</c>), and the conditions it was written under (<c>condition.*</c>).</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>
    /// Puts the run's result into a model of the same options: the best parameters on validation where the task selects, otherwise the moving
    /// average where it keeps one, otherwise the last iterate; buffers included.
    /// </summary>
    /// <exception cref="BadInputException">Names or shapes differ from the model's.</exception>
    public void LoadResult(nn.Module model)
    {
        foreach (var (name, tensor) in ModelCopy.NamedTensors(model, buffers: true))
        {
            var prefix = Has("best." + name) ? "best." : Has("ema." + name) ? "ema." : "model.";
            LoadInto(prefix + name, tensor);
        }
    }

    /// <summary>Puts a tensor of the task's own (<see cref="TrainingTask.State"/>) into one of the same type and shape.</summary>
    /// <exception cref="BadInputException">There is none of this name, or it has another type or shape.</exception>
    public void LoadState(string name, Tensor target) => LoadInto("task." + name, target);

    /// <summary>Every metric of the run up to its step; see <see cref="MetricHistory"/>.</summary>
    public IEnumerable<MetricPoint> History()
    {
        var names = JsonSerializer.Deserialize<string[]>(Text("history_names"))!;
        var (numbers, steps) = (Int64s("history.name"), Int64s("history.step"));
        var (values, seconds) = (Doubles("history.value"), Doubles("time.history"));
        for (var i = 0; i < numbers.Length; i++) yield return new MetricPoint(names[numbers[i]], steps[i], values[i], seconds[i]);
    }

    internal bool Has(string name) => _tensors.ContainsKey(name);

    internal IEnumerable<string> NamesUnder(string prefix) => _tensors.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..]);

    internal void LoadInto(string name, Tensor target) => TensorBytes.LoadInto(name, Tensor(name), target);

    internal Tensor Load(string name, Device device) => TensorBytes.Load(Tensor(name), device);

    internal long Int64(string name) => Int64s(name)[0];

    internal double Double(string name) => Doubles(name)[0];

    internal long[] Int64s(string name) => Tensor(name) is { Type: SafetensorsType.I64 } stored ? MemoryMarshal.Cast<byte, long>(stored.Bytes).ToArray() : throw WrongType(name);

    internal double[] Doubles(string name) => Tensor(name) is { Type: SafetensorsType.F64 } stored ? MemoryMarshal.Cast<byte, double>(stored.Bytes).ToArray() : throw WrongType(name);

    internal string Text(string name) => Metadata.TryGetValue(name, out var text) ? text : "";

    private StoredTensor Tensor(string name) =>
        _tensors.TryGetValue(name, out var stored) ? stored
        : throw new BadInputException($"The checkpoint '{_file}' lacks the tensor '{name}': it was written by another model or with other options.");

    private BadInputException WrongType(string name) => new($"The checkpoint '{_file}' holds '{name}' as {Tensor(name).Type}, which is not its type.");
}
