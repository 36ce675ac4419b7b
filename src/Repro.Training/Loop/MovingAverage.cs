using Repro.Training.Checkpoints;
using static TorchSharp.torch;

namespace Repro.Training.Loop;

/// <summary>The exponential moving average of a model's parameters. Begins at their initial values, without bias correction.</summary>
internal sealed class MovingAverage(nn.Module model, double decay) : IDisposable
{
    private readonly ModelCopy _average = new(model, buffers: false);

    public void Update() => Acceleration.UpdateAverages(_average.Copies, _average.Originals, decay);

    /// <summary>Puts the average into the model until the result is disposed, which puts back exactly what was there.</summary>
    public IDisposable InPlaceOfParameters()
    {
        var present = new ModelCopy(model, buffers: false);
        _average.Put();
        return new PuttingBack(present);
    }

    /// <summary>Puts the average into the model for good.</summary>
    public void Put() => _average.Put();

    /// <summary>Name of the first average that holds a NaN or an infinity; null where all are finite.</summary>
    public string? FirstNotFinite() => ModelCopy.FirstNotFinite(_average.Named.ToList());

    public void Save(CheckpointDraft draft)
    {
        foreach (var (name, tensor) in _average.Named) draft.Add("ema." + name, tensor);
    }

    public void Load(Checkpoint checkpoint)
    {
        foreach (var (name, tensor) in _average.Named) checkpoint.LoadInto("ema." + name, tensor);
    }

    public void Dispose() => _average.Dispose();

    private sealed class PuttingBack(ModelCopy present) : IDisposable
    {
        public void Dispose()
        {
            present.Put();
            present.Dispose();
        }
    }
}
