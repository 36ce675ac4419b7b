using Repro.Torch.Interop;
using TorchSharp;
using TorchSharp.Modules;

namespace Repro.Torch;

#pragma warning disable CA1051 // TorchSharp's options and states are public fields.

/// <summary>What Adam and AdamW share: everything but how the weight decay enters.</summary>
public abstract class AdamFamily<TOptions, TState> : DeclaredOptimizer<TOptions, TState>, torch.optim.IBetas where TOptions : AdamOptions, new() where TState : AdamState
{
    private protected AdamFamily(TOptions defaults, IEnumerable<ParamGroup> groups) : base(defaults, groups)
    {
        Require(defaults.beta1 is >= 0 and < 1, nameof(defaults.beta1), defaults.beta1!.Value);
        Require(defaults.beta2 is >= 0 and < 1, nameof(defaults.beta2), defaults.beta2!.Value);
        Require(defaults.eps >= 0, nameof(defaults.eps), defaults.eps!.Value);
        Require(defaults.weight_decay >= 0, nameof(defaults.weight_decay), defaults.weight_decay!.Value);
    }

    public (double, double) Betas
    {
        get => (Defaults.beta1!.Value, Defaults.beta2!.Value);
        set => (Defaults.beta1, Defaults.beta2) = value;
    }

    private protected abstract bool DecaysTheWeightItself { get; }

    // One native call for all the parameters of a group.
    private protected override unsafe void StepGroup(ParamGroup group)
    {
        var options = (AdamOptions)group.Options;
        var parameters = (Parameter[])group.Parameters;
        var states = Array.ConvertAll(parameters, StateOf);
        var steps = Array.ConvertAll(states, state => state.step);
        using var handles = new HandleArray(parameters);
        using var first = new HandleArray(states.Select(state => state.exp_avg), states.Length);
        using var second = new HandleArray(states.Select(state => state.exp_avg_sq), states.Length);
        using var largest = new HandleArray(states.Select(state => state.max_exp_avg_sq), states.Length);
        int result;
        fixed (long* counts = steps)
            result = Native.rt_adam_step(
                handles.Pointer, first.Pointer, second.Pointer, largest.Pointer, counts, handles.Count, options.LearningRate!.Value, options.beta1!.Value,
                options.beta2!.Value, options.eps!.Value, options.weight_decay!.Value, DecaysTheWeightItself ? 1 : 0, options.amsgrad == true ? 1 : 0,
                options.maximize == true ? 1 : 0);
        for (var i = 0; i < states.Length; i++)
            states[i].Took(steps[i], first.Pointer[i], second.Pointer[i], largest.Pointer[i]);
        Native.Check(result, GetType().Name + ".step");
    }
}

/// <summary>Running averages of one parameter's gradient and its square, zero before the first step; the largest such square with amsgrad.</summary>
public abstract class AdamState : DeclaredState
{
    public torch.Tensor exp_avg = null!;
    public torch.Tensor exp_avg_sq = null!;
    [MayBeMissing] public torch.Tensor? max_exp_avg_sq;

    private protected AdamState(Parameter parameter) : base(parameter)
    {
    }

    public override void Initialize(OptimizerOptions options)
    {
        base.Initialize(options);
        if (((AdamOptions)options).amsgrad == true)
            max_exp_avg_sq = torch.zeros_like(_parameter).DetachFromDisposeScope();
    }

    // The step makes what is missing: amsgrad may have been switched on later, and a checkpoint may be without.
    internal void Took(long steps, nint first, nint second, nint largest)
    {
        step = steps;
        Adopt(ref exp_avg!, first);
        Adopt(ref exp_avg_sq!, second);
        Adopt(ref max_exp_avg_sq, largest);
    }
}

public abstract class AdamOptions : DeclaredOptions
{
    public double? beta1;
    public double? beta2;
    public double? eps;
    public double? weight_decay;
    public bool? amsgrad;
    public bool? maximize;

    private protected AdamOptions()
    {
    }
}
