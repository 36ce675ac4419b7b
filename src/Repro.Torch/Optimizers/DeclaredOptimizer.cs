using System.Collections.Concurrent;
using System.Reflection;
using TorchSharp;
using TorchSharp.Modules;

namespace Repro.Torch;

/// <summary>An optimizer whose options and states are declared by their public fields.</summary>
public abstract class DeclaredOptimizer<TOptions, TState> : OptimizerHelper where TOptions : DeclaredOptions, new() where TState : DeclaredState
{
    private protected DeclaredOptimizer(TOptions defaults, IEnumerable<ParamGroup> groups)
    {
        if (defaults.LearningRate < 0)
            throw new ArgumentException($"Invalid learning rate: {defaults.LearningRate}");
        _defaults = defaults;
        foreach (var group in groups)
            add_param_group(group);
    }

    private protected TOptions Defaults => (TOptions)_defaults!;

    private protected abstract TState NewState(Parameter parameter);

    private protected TState StateOf(Parameter parameter)
    {
        var state = (TState)_state[parameter.Handle];
        state.Follow();
        return state;
    }

    /// <inheritdoc cref="torch.optim.Optimizer.step"/>
    public override torch.Tensor step(Func<torch.Tensor>? closure = null) => _step<ParamGroup>(StepGroup, closure);

    private protected abstract void StepGroup(ParamGroup group);

    /// <summary>Takes further parameters in; what the group's options leave open is filled with the optimizer's own.</summary>
    public override void add_param_group(ParamGroup param_group)
    {
        var options = (TOptions?)param_group.Options ?? new TOptions();
        options.FillFrom(Defaults);
        AddGroup(param_group, options, parameter =>
        {
            var state = NewState(parameter);
            state.Initialize(options);
            return state;
        });
    }

    private protected static void Require(bool holds, string name, double value)
    {
        if (!holds)
            throw new ArgumentException($"Invalid {name} value: {value}");
    }
}

/// <summary>Treats its parameters one after the other, by plain tensor functions.</summary>
public abstract class ParameterwiseOptimizer<TOptions, TState> : DeclaredOptimizer<TOptions, TState> where TOptions : DeclaredOptions, new() where TState : DeclaredState
{
    private protected ParameterwiseOptimizer(TOptions defaults, IEnumerable<ParamGroup> groups) : base(defaults, groups)
    {
    }

    /// <summary>One parameter's step, inside a dispose scope of its own and without gradients.</summary>
    /// <param name="gradient">Dense; negated where the options say maximize, and with the decay of the weights where they have one.</param>
    private protected abstract void Update(Parameter parameter, torch.Tensor gradient, TState state, TOptions options);

    private protected override void StepGroup(ParamGroup group)
    {
        var options = (TOptions)group.Options;
        foreach (var parameter in group.Parameters)
        {
            using var intermediates = torch.NewDisposeScope();
            if (parameter.grad is not { } gradient)
                continue;
            if (gradient.is_sparse)
                throw new ArgumentException($"{GetType().Name} does not support sparse gradients");
            if (options.Maximizes)
                gradient = gradient.neg();
            if (options.Decay is not 0 and var decay)
                gradient = gradient.add(parameter, alpha: decay);
            var state = StateOf(parameter);
            state.step++;
            Update(parameter, gradient, state, options);
        }
    }
}

/// <summary>Options whose public fields, in the order of their declaration, follow the learning rates in a file.</summary>
public abstract class DeclaredOptions : OptimizerOptions
{
    private FieldInfo[] Fields => DeclaredFields.Of(GetType());

    internal virtual bool Maximizes => false;

    internal virtual double Decay => 0;

    public override void SaveStateDict(BinaryWriter writer)
    {
        base.SaveStateDict(writer);
        foreach (var field in Fields)
        {
            if (field.FieldType == typeof(bool?))
                writer.Write((bool)field.GetValue(this)!);
            else
                writer.Write((double)field.GetValue(this)!);
        }
    }

    public override void LoadStateDict(BinaryReader reader)
    {
        base.LoadStateDict(reader);
        foreach (var field in Fields)
            field.SetValue(this, field.FieldType == typeof(bool?) ? reader.ReadBoolean() : reader.ReadDouble());
    }

    public override void LoadStateDict(OptimizerOptions source)
    {
        base.LoadStateDict(source);
        foreach (var field in Fields)
            field.SetValue(this, field.GetValue(source));
    }

    internal void FillFrom(DeclaredOptions defaults)
    {
        LearningRate ??= defaults.LearningRate;
        foreach (var field in Fields)
            if (field.GetValue(this) is null)
                field.SetValue(this, field.GetValue(defaults));
    }
}

/// <summary>A state whose public fields, in the order of their declaration, are its entry in a file: numbers, and tensors of the parameter's shape.</summary>
public abstract class DeclaredState : OptimizerState, IDisposable
{
#pragma warning disable CA1051 // TorchSharp's states are public fields.
    public long step;
#pragma warning restore CA1051

    private protected DeclaredState(Parameter parameter) : base(parameter)
    {
    }

    /// <summary>Where the model was moved to another type since, so are the state's tensors.</summary>
    internal void Follow()
    {
        if (_parameter.dtype == FollowedType)
            return;
        FollowedType = _parameter.dtype;
        foreach (var field in Tensors)
            Put(field, Read(field)?.to(FollowedType));
    }

    private FieldInfo[] Fields => DeclaredFields.Of(GetType());

    private IEnumerable<FieldInfo> Tensors => Fields.Where(each => each.FieldType == typeof(torch.Tensor));

    public void Dispose()
    {
        foreach (var field in Tensors)
            Read(field)?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Numbers and tensors zero; those tensors that may be missing are.</summary>
    public override void Initialize(OptimizerOptions options)
    {
        step = 0;
        foreach (var field in Tensors)
            Put(field, MayBeMissing(field) ? null : torch.zeros_like(_parameter));
    }

    public override void to(torch.Device device)
    {
        foreach (var field in Tensors)
            Put(field, Read(field)?.to(device));
    }

    public override void SaveStateDict(BinaryWriter writer)
    {
        writer.Write(step);
        foreach (var field in Fields)
        {
            if (field.FieldType == typeof(double))
                writer.Write((double)field.GetValue(this)!);
            else if (MayBeMissing(field))
                SaveConditionalStateTensor(writer, Read(field));
            else
                Read(field)!.Save(writer);
        }
    }

    public override void LoadStateDict(BinaryReader reader)
    {
        step = reader.ReadInt64();
        foreach (var field in Fields)
        {
            if (field.FieldType == typeof(double))
                field.SetValue(this, reader.ReadDouble());
            else if (MayBeMissing(field) && !reader.ReadBoolean())
                Put(field, null);
            else if (Read(field) is { } place)
                place.Load(reader);
            else
                Put(field, TensorExtensionMethods.Load(reader).to(_parameter.device, disposeAfter: true));
        }
    }

    public override void LoadStateDict(OptimizerState source)
    {
        step = ((DeclaredState)source).step;
        foreach (var field in Fields)
        {
            if (field.FieldType == typeof(double))
                field.SetValue(this, field.GetValue(source));
            else
                Put(field, CopyFor((torch.Tensor?)field.GetValue(source), _parameter));
        }
    }

    public override bool ApproximatelyEquals(OptimizerState other) =>
        other.GetType() == GetType() && step == ((DeclaredState)other).step && Fields.All(field => field.FieldType == typeof(double)
            ? (double)field.GetValue(this)! == (double)field.GetValue(other)!
            : Close(Read(field), (torch.Tensor?)field.GetValue(other)));

    /// <summary>Takes a tensor over that libtorch made in a native step.</summary>
    private protected static void Adopt(ref torch.Tensor? place, nint made)
    {
        if (place is null && made != 0)
            place = new torch.Tensor(made).DetachFromDisposeScope();
    }

    private torch.Tensor? Read(FieldInfo field) => (torch.Tensor?)field.GetValue(this);

    private void Put(FieldInfo field, torch.Tensor? value)
    {
        var place = Read(field);
        Replace(ref place, value);
        field.SetValue(this, place);
    }

    private static bool MayBeMissing(FieldInfo field) => field.IsDefined(typeof(MayBeMissingAttribute));
}

/// <summary>Marks a tensor of a state that is made only where the options ask for it; a file says whether it is there.</summary>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class MayBeMissingAttribute : Attribute;

internal static class DeclaredFields
{
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Known = new();

    /// <summary>The public fields of the type and its ancestors below the declared ones, those of an ancestor first, each's in the order of its source.</summary>
    public static FieldInfo[] Of(Type type) => Known.GetOrAdd(type, static of => [.. Lineage(of).Reverse().SelectMany(each =>
        each.GetFields(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).OrderBy(field => field.MetadataToken))]);

    private static IEnumerable<Type> Lineage(Type type)
    {
        for (var each = type; each != typeof(DeclaredState) && each != typeof(DeclaredOptions); each = each.BaseType!)
            yield return each;
    }
}
