using TorchSharp;
using TorchSharp.Modules;

namespace Repro.Torch;

#pragma warning disable CA1051 // TorchSharp's options are public fields.

/// <summary>What Adamax, NAdam and RAdam share: two running averages, of the gradient and of its size, that forget by beta1 and beta2.</summary>
public abstract class BetaOptimizer<TOptions, TState> : ParameterwiseOptimizer<TOptions, TState>, torch.optim.IBetas where TOptions : BetaOptions, new() where TState : DeclaredState
{
    private protected BetaOptimizer(TOptions defaults, IEnumerable<ParamGroup> groups) : base(defaults, groups)
    {
        Require(defaults.beta1 is >= 0 and <= 1, nameof(defaults.beta1), defaults.beta1!.Value);
        Require(defaults.beta2 is >= 0 and <= 1, nameof(defaults.beta2), defaults.beta2!.Value);
        Require(defaults.eps >= 0, nameof(defaults.eps), defaults.eps!.Value);
        Require(defaults.weight_decay >= 0, nameof(defaults.weight_decay), defaults.weight_decay!.Value);
    }

    public (double, double) Betas
    {
        get => (Defaults.beta1!.Value, Defaults.beta2!.Value);
        set => (Defaults.beta1, Defaults.beta2) = value;
    }
}

public abstract class BetaOptions : DeclaredOptions
{
    public double? beta1;
    public double? beta2;
    public double? eps;
    public double? weight_decay;

    private protected BetaOptions()
    {
    }

    internal override double Decay => weight_decay!.Value;
}
