using Repro.Torch.Interop;
using TorchSharp;
using TorchSharp.Modules;

namespace Repro.Torch;

#pragma warning disable CA1051 // TorchSharp's options and states are public fields.

/// <summary>What Adam and AdamW share: everything but how the weight decay enters.</summary>
public abstract class AdamFamily : OptimizerHelper, torch.optim.IBetas
{
    private protected AdamFamily(AdamOptions defaults)
    {
        if (defaults.LearningRate < 0)
            throw new ArgumentException($"Invalid learning rate: {defaults.LearningRate}");
        if (defaults.beta1 is < 0 or >= 1)
            throw new ArgumentException($"Invalid beta1 value: {defaults.beta1}");
        if (defaults.beta2 is < 0 or >= 1)
            throw new ArgumentException($"Invalid beta2 value: {defaults.beta2}");
        if (defaults.eps < 0)
            throw new ArgumentException($"Invalid eps value: {defaults.eps}");
        if (defaults.weight_decay < 0)
            throw new ArgumentException($"Invalid weight_decay value: {defaults.weight_decay}");
        _defaults = defaults;
    }

    public (double, double) Betas
    {
        get => (Defaults.beta1!.Value, Defaults.beta2!.Value);
        set => (Defaults.beta1, Defaults.beta2) = value;
    }

    private AdamOptions Defaults => (AdamOptions)_defaults!;

    private protected abstract bool DecaysTheWeightItself { get; }

    private protected abstract AdamOptions NewOptions();

    private protected abstract AdamState NewState(Parameter parameter);

    /// <inheritdoc cref="torch.optim.Optimizer.step"/>
    /// <remarks>One native call a parameter group.</remarks>
    public override unsafe torch.Tensor step(Func<torch.Tensor>? closure = null) => _step<ParamGroup>(group =>
    {
        var options = (AdamOptions)group.Options;
        var parameters = (Parameter[])group.Parameters;
        var states = Array.ConvertAll(parameters, parameter => (AdamState)_state[parameter.Handle]);
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
        {
            states[i].step = steps[i];
            Adopt(ref states[i].exp_avg, first.Pointer[i]);
            Adopt(ref states[i].exp_avg_sq, second.Pointer[i]);
            Adopt(ref states[i].max_exp_avg_sq, largest.Pointer[i]);
        }
        Native.Check(result, GetType().Name + ".step");
    }, closure);

    /// <summary>Takes further parameters in; what the group's options leave open is filled with the optimizer's own.</summary>
    public override void add_param_group(ParamGroup param_group)
    {
        var options = (AdamOptions?)param_group.Options ?? NewOptions();
        options.LearningRate ??= Defaults.LearningRate;
        options.beta1 ??= Defaults.beta1;
        options.beta2 ??= Defaults.beta2;
        options.eps ??= Defaults.eps;
        options.weight_decay ??= Defaults.weight_decay;
        options.amsgrad ??= Defaults.amsgrad;
        options.maximize ??= Defaults.maximize;
        AddGroup(param_group, options, NewState);
    }

    private static void Adopt(ref torch.Tensor? state, nint made)
    {
        if (state is null && made != 0)
            state = new torch.Tensor(made).DetachFromDisposeScope();
    }
}

/// <summary>Running averages of one parameter's gradient and its square; null before the first step.</summary>
public abstract class AdamState : OptimizerState, IDisposable
{
    public long step;
    public torch.Tensor? exp_avg;
    public torch.Tensor? exp_avg_sq;
    public torch.Tensor? max_exp_avg_sq;

    private protected AdamState(Parameter parameter) : base(parameter)
    {
    }

    public void Dispose()
    {
        exp_avg?.Dispose();
        exp_avg_sq?.Dispose();
        max_exp_avg_sq?.Dispose();
        GC.SuppressFinalize(this);
    }

    public override void Initialize(OptimizerOptions options)
    {
        step = 0;
        Replace(ref exp_avg, null);
        Replace(ref exp_avg_sq, null);
        Replace(ref max_exp_avg_sq, null);
    }

    public override void to(torch.Device device)
    {
        Replace(ref exp_avg, exp_avg?.to(device));
        Replace(ref exp_avg_sq, exp_avg_sq?.to(device));
        Replace(ref max_exp_avg_sq, max_exp_avg_sq?.to(device));
    }

    public override void SaveStateDict(BinaryWriter writer)
    {
        writer.Write(step);
        SaveOrZeros(writer, exp_avg);
        SaveOrZeros(writer, exp_avg_sq);
        SaveConditionalStateTensor(writer, max_exp_avg_sq);
    }

    public override void LoadStateDict(BinaryReader reader)
    {
        step = reader.ReadInt64();
        LoadOnto(reader, ref exp_avg);
        LoadOnto(reader, ref exp_avg_sq);
        LoadConditionalStateTensor(reader, ref max_exp_avg_sq, _parameter.device);
    }

    public override void LoadStateDict(OptimizerState source)
    {
        var other = (AdamState)source;
        step = other.step;
        Replace(ref exp_avg, CopyFor(other.exp_avg, _parameter));
        Replace(ref exp_avg_sq, CopyFor(other.exp_avg_sq, _parameter));
        Replace(ref max_exp_avg_sq, CopyFor(other.max_exp_avg_sq, _parameter));
    }

    public override bool ApproximatelyEquals(OptimizerState other) =>
        other is AdamState state && step == state.step && Close(exp_avg, state.exp_avg) && Close(exp_avg_sq, state.exp_avg_sq) && Close(max_exp_avg_sq, state.max_exp_avg_sq);

    // The file format has both averages always; before the first step they are zero.
    private void SaveOrZeros(BinaryWriter writer, torch.Tensor? tensor)
    {
        if (tensor is not null)
        {
            tensor.Save(writer);
            return;
        }
        using var zeros = torch.zeros_like(_parameter);
        zeros.Save(writer);
    }

    private void LoadOnto(BinaryReader reader, ref torch.Tensor? place) =>
        Replace(ref place, TensorExtensionMethods.Load(reader).to(_parameter.device, disposeAfter: true));
}

public abstract class AdamOptions : OptimizerOptions
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

    public override void SaveStateDict(BinaryWriter writer)
    {
        base.SaveStateDict(writer);
        writer.Write(beta1!.Value);
        writer.Write(beta2!.Value);
        writer.Write(eps!.Value);
        writer.Write(weight_decay!.Value);
        writer.Write(amsgrad!.Value);
        writer.Write(maximize!.Value);
    }

    public override void LoadStateDict(BinaryReader reader)
    {
        base.LoadStateDict(reader);
        beta1 = reader.ReadDouble();
        beta2 = reader.ReadDouble();
        eps = reader.ReadDouble();
        weight_decay = reader.ReadDouble();
        amsgrad = reader.ReadBoolean();
        maximize = reader.ReadBoolean();
    }

    public override void LoadStateDict(OptimizerOptions source)
    {
        base.LoadStateDict(source);
        var other = (AdamOptions)source;
        (beta1, beta2, eps, weight_decay) = (other.beta1, other.beta2, other.eps, other.weight_decay);
        (amsgrad, maximize) = (other.amsgrad, other.maximize);
    }
}
