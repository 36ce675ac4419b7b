using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests;

/// <summary>
/// How tests find where a network drops. To drop all of something is to multiply it by 0, which needs no random numbers and is the same as weights of zero where it goes, in a network
/// that drops nothing. What that hides, which is how often and within what is dropped anyhow, is seen by listing the calls.
/// </summary>
internal static class DropoutPlaces
{
    /// <summary>Sets the probability of all dropout modules to 0 and has each report its calls from then on: its name, and the sizes of what it is given.</summary>
    public static List<string> Listen(nn.Module model)
    {
        var calls = new List<string>();
        foreach (var (name, module) in model.named_modules())
        {
            if (module is not Dropout dropout) continue;
            dropout.p = 0;
            dropout.register_forward_hook((_, input, output) =>
            {
                calls.Add($"{name} {string.Join('x', input.shape)}");
                return output;
            });
        }
        return calls;
    }

    /// <summary>Makes parameters zero whose names end so.</summary>
    public static void Silence(nn.Module model, params IReadOnlyList<string> endings)
    {
        foreach (var ending in endings)
        {
            var found = model.named_parameters().Where(p => p.name.EndsWith(ending, StringComparison.Ordinal)).ToList();
            Assert.NotEmpty(found);
            foreach (var (_, parameter) in found) InitialValues.Constant(parameter, 0);
        }
    }

    /// <summary>Makes the last third of their rows zero: those of the values, where queries, keys and values are one product.</summary>
    public static void SilenceValues(nn.Module model, params IReadOnlyList<string> endings)
    {
        using var _ = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
        {
            if (!endings.Any(ending => name.EndsWith(ending, StringComparison.Ordinal))) continue;
            using var values = parameter.narrow(0, parameter.shape[0] * 2 / 3, parameter.shape[0] / 3);
            values.zero_();
        }
    }

    public static void Same(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.InRange((expected - actual).abs().max().item<float>(), 0, 1e-5);
    }

    public static void Differ(Tensor one, Tensor other) => Assert.True((one - other).abs().max().item<float>() > 1e-2);
}
