using static TorchSharp.torch;

namespace Repro.Training.Loop;

/// <summary>Forward hooks on the innermost modules of a model that map one tensor to one tensor.</summary>
internal static class LayerHooks
{
    /// <param name="seen">Called with the layer's dotted name, its input and its output after each forward pass.</param>
    /// <returns>Removes the hooks.</returns>
    public static IDisposable Add(nn.Module model, Action<string, Tensor, Tensor> seen)
    {
        var removals = new List<Action>();
        foreach (var (name, module) in model.named_modules().Append((model.GetName(), model)))
        {
            if (module is not nn.Module<Tensor, Tensor> layer || layer.named_children().Any()) continue;
            var hook = layer.register_forward_hook((_, input, output) =>
            {
                seen(name, input, output);
                return output;
            });
            removals.Add(hook.remove);
        }
        return new Removal(removals);
    }

    private sealed class Removal(List<Action> removals) : IDisposable
    {
        public void Dispose() => removals.ForEach(remove => remove());
    }
}
