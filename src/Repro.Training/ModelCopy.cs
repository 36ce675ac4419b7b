using static TorchSharp.torch;

namespace Repro.Training;

/// <summary>A copy of a model's parameters, and of its buffers where wanted, on the same device.</summary>
internal sealed class ModelCopy : IDisposable
{
    private readonly List<(string Name, Tensor Original, Tensor Copy)> _tensors = [];

    public ModelCopy(nn.Module model, bool buffers)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (name, original) in NamedTensors(model, buffers))
            _tensors.Add((name, original, original.detach().clone().DetachFromDisposeScope()));
        Originals = _tensors.ConvertAll(entry => entry.Original);
        Copies = _tensors.ConvertAll(entry => entry.Copy);
    }

    /// <summary>The model's own tensors, in the order of <see cref="Copies"/>.</summary>
    public IReadOnlyList<Tensor> Originals { get; }

    public IReadOnlyList<Tensor> Copies { get; }

    public IEnumerable<(string Name, Tensor Copy)> Named => _tensors.Select(entry => (entry.Name, entry.Copy));

    /// <summary>Parameters and, where wanted, buffers, by the names that <c>state_dict()</c> gives them. The tensors are the model's own.</summary>
    public static IEnumerable<(string Name, Tensor Tensor)> NamedTensors(nn.Module model, bool buffers)
    {
        foreach (var (name, parameter) in model.named_parameters()) yield return (name, parameter);
        if (!buffers) yield break;
        foreach (var (name, buffer) in model.named_buffers()) yield return (name, buffer);
    }

    /// <summary>Name of the first parameter that holds a NaN or an infinity; null where all are finite. Waits for the device.</summary>
    public static string? FirstNotFinite(nn.Module model) => FirstNotFinite(NamedTensors(model, buffers: false).ToList());

    /// <summary>Name of the first tensor that holds a NaN or an infinity; null where all are finite. Waits for the device.</summary>
    public static string? FirstNotFinite(IReadOnlyList<(string Name, Tensor Tensor)> tensors)
    {
        if (tensors.Count == 0) return null;
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        // One answer for all, and not a norm: that of large finite values overflows.
        var finite = tensors.Select(named => named.Tensor.isfinite().all()).ToList();
        return (bool)stack(finite).all() ? null : tensors[finite.FindIndex(all => !(bool)all)].Name;
    }

    /// <summary>Takes the model's present values.</summary>
    public void Take()
    {
        using var gradients = no_grad();
        foreach (var (_, original, copy) in _tensors) copy.copy_(original);
    }

    /// <summary>Puts the copied values into the model.</summary>
    public void Put()
    {
        using var gradients = no_grad();
        foreach (var (_, original, copy) in _tensors) original.copy_(copy);
    }

    public void Dispose()
    {
        foreach (var copy in Copies) copy.Dispose();
    }
}
