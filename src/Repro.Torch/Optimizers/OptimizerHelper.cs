using TorchSharp.Utils;

namespace TorchSharp.Modules;

/// <summary>Parameter groups with options, a state a parameter, and their way to and from files in TorchSharp's format.</summary>
/// <remarks>
/// An optimizer of one's own derives from it: its <c>add_param_group</c> adds the group to <c>_parameter_groups</c> with all its options set, and a
/// state for each of its parameters to <c>_state</c>; its <c>step</c> is <see cref="_step{T}"/> over the groups.
/// </remarks>
public abstract class OptimizerHelper : torch.optim.Optimizer
{
#pragma warning disable CA1051 // TorchSharp has protected fields here.
    /// <summary>Options for what a group leaves open.</summary>
    protected OptimizerOptions? _defaults;

    /// <summary>What is remembered of each parameter, by <see cref="torch.Tensor.Handle"/>; disposed with the optimizer where it is disposable.</summary>
    protected OrderedDict<IntPtr, OptimizerState> _state = [];
#pragma warning restore CA1051

    /// <summary>Calls back for each parameter group, in order, without gradients and inside a dispose scope.</summary>
    /// <param name="body">Changes the group's parameters. States that it makes leave its scope by <c>DetachFromDisposeScope</c>.</param>
    /// <param name="loss_closure">Computes the loss and the gradients first, with gradients enabled; its result is given back.</param>
    /// <exception cref="InvalidCastException">A group is no <typeparamref name="T"/>.</exception>
    protected torch.Tensor _step<T>(Action<T> body, Func<torch.Tensor>? loss_closure = null) where T : ParamGroup
    {
        torch.Tensor? loss = null;
        if (loss_closure is not null)
            using (torch.enable_grad())
                loss = loss_closure();
        using var gradients = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        foreach (var group in _parameter_groups)
            body((T)group);
        return loss!;
    }

    /// <summary>Takes a group in whose options are set, with a new state for each of its parameters.</summary>
    /// <exception cref="ArgumentException">A parameter is in a group already; nothing is taken in.</exception>
    private protected void AddGroup(ParamGroup group, OptimizerOptions options, Func<Parameter, OptimizerState> newState)
    {
        Parameter[] parameters = [.. group.Parameters];
        if (parameters.DistinctBy(parameter => parameter.Handle).Count() < parameters.Length || parameters.Any(parameter => _state.ContainsKey(parameter.Handle)))
            throw new ArgumentException("some parameters appear in more than one parameter group");
        (group.Parameters, group.Options) = (parameters, options);
        options.InitialLearningRate = options.LearningRate ?? 0;
        _parameter_groups.Add(group);
        foreach (var parameter in parameters)
            _state.Add(parameter.Handle, newState(parameter));
    }

    /// <summary>The options and states themselves, in the order of the groups and parameters.</summary>
    public virtual StateDictionary state_dict()
    {
        var dictionary = new StateDictionary();
        foreach (var group in _parameter_groups)
        {
            dictionary.Options.Add(group.Options);
            var indices = new List<int>();
            dictionary.StateIndexRef.Add(indices);
            foreach (var parameter in group.Parameters)
            {
                indices.Add(dictionary.State.Count);
                dictionary.State.Add(_state[parameter.Handle]);
            }
        }
        return dictionary;
    }

    public virtual void load_state_dict(StateDictionary state_dict)
    {
        var own = this.state_dict();
        CheckCounts(state_dict.Options.Count, state_dict.State.Count, own);
        for (var i = 0; i < own.Options.Count; i++)
            if (own.Options[i] != state_dict.Options[i])
                own.Options[i].LoadStateDict(state_dict.Options[i]);
        for (var i = 0; i < own.State.Count; i++)
            if (own.State[i] != state_dict.State[i])
                own.State[i].LoadStateDict(state_dict.State[i]);
    }

    public void save_state_dict(string location)
    {
        using var writer = new BinaryWriter(File.Create(location));
        save_state_dict(writer);
    }

    public void load_state_dict(string location)
    {
        using var reader = new BinaryReader(File.OpenRead(location));
        load_state_dict(reader);
    }

    public void save_state_dict(BinaryWriter writer)
    {
        var dictionary = state_dict();
        writer.Write(GetType().Name);
        writer.Encode(dictionary.Options.Count);
        writer.Encode(dictionary.State.Count);
        foreach (var options in dictionary.Options)
            options.SaveStateDict(writer);
        foreach (var state in dictionary.State)
            state.SaveStateDict(writer);
    }

    public void load_state_dict(BinaryReader reader)
    {
        var name = reader.ReadString();
        if (name != GetType().Name)
            throw new InvalidDataException($"Mismatched optimizer type: expected '{GetType().Name}', but found '{name}' in the loaded stream.");
        var own = state_dict();
        CheckCounts((int)reader.Decode(), (int)reader.Decode(), own);
        foreach (var options in own.Options)
            options.LoadStateDict(reader);
        foreach (var state in own.State)
            state.LoadStateDict(reader);
    }

    public void to(torch.Device device)
    {
        foreach (var state in _state.Values)
            state.to(device);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing)
            return;
        foreach (var state in _state.Values)
            (state as IDisposable)?.Dispose();
        _state.Clear();
    }

    private static void CheckCounts(int groups, int count, StateDictionary own)
    {
        if (groups != own.Options.Count)
            throw new ArgumentException($"Invalid optimizer state -- different number of parameter groups: {groups} saved, {own.Options.Count} here.");
        if (count != own.State.Count)
            throw new ArgumentException($"Invalid optimizer state -- different number of states: {count} saved, {own.State.Count} here.");
    }
}

public class OptimizerOptions
{
    public double? LearningRate { get; set; }

    /// <summary>What schedules start from.</summary>
    public double InitialLearningRate { get; set; }

    public virtual void SaveStateDict(BinaryWriter writer)
    {
        writer.Write(InitialLearningRate);
        writer.Write(LearningRate!.Value);
    }

    public virtual void LoadStateDict(BinaryReader reader)
    {
        InitialLearningRate = reader.ReadDouble();
        LearningRate = reader.ReadDouble();
    }

    public virtual void LoadStateDict(OptimizerOptions source)
    {
        InitialLearningRate = source.InitialLearningRate;
        LearningRate = source.LearningRate;
    }
}

/// <summary>What an optimizer remembers of one parameter.</summary>
public abstract class OptimizerState
{
#pragma warning disable CA1051 // TorchSharp has a protected field here.
    protected Parameter _parameter;
#pragma warning restore CA1051

    /// <summary>The type that the state's tensors follow; here, and so no part of what a state adds and a checkpoint keeps.</summary>
    private protected torch.ScalarType FollowedType { get; set; }

    protected OptimizerState(Parameter parameter) => (_parameter, FollowedType) = (parameter, parameter.dtype);

    public abstract void SaveStateDict(BinaryWriter writer);

    public abstract void LoadStateDict(BinaryReader reader);

    public abstract void LoadStateDict(OptimizerState source);

    public virtual bool ApproximatelyEquals(OptimizerState other) => false;

    public abstract void Initialize(OptimizerOptions options);

    public virtual void to(torch.Device device)
    {
    }

    /// <summary>Writes whether there is a tensor, and then the tensor.</summary>
    protected static void SaveConditionalStateTensor(BinaryWriter writer, torch.Tensor? tensor)
    {
        writer.Write(tensor is not null);
        tensor?.Save(writer);
    }

    /// <summary>Reads what <see cref="SaveConditionalStateTensor"/> wrote, onto a device, in place of a tensor, which is freed. No dispose scope owns the result.</summary>
    protected static void LoadConditionalStateTensor(BinaryReader reader, ref torch.Tensor? result, torch.Device device)
    {
        if (reader.ReadBoolean())
        {
            var loaded = TensorExtensionMethods.Load(reader);
            Replace(ref result, loaded.to(device, disposeAfter: true));
        }
        else
        {
            Replace(ref result, null);
        }
    }

    /// <summary>Puts another tensor in the place of one, which is freed; no dispose scope owns it.</summary>
    private protected static void Replace(ref torch.Tensor? place, torch.Tensor? value)
    {
        if (ReferenceEquals(place, value))
            return;
        place?.Dispose();
        place = value?.DetachFromDisposeScope();
    }

    private protected static torch.Tensor? CopyFor(torch.Tensor? source, Parameter parameter) => source?.to(parameter.device, copy: true);

    private protected static bool Close(torch.Tensor? mine, torch.Tensor? other) => mine is null ? other is null : other is not null && mine.allclose(other);
}

public class ParamGroup : torch.optim.ILearningRateController
{
    public IEnumerable<Parameter> Parameters { get; set; } = [];

    public OptimizerOptions Options { get; set; } = null!;

    public double LearningRate
    {
        get => Options.LearningRate!.Value;
        set => Options.LearningRate = value;
    }

    public double InitialLearningRate
    {
        get => Options.InitialLearningRate;
        set => Options.InitialLearningRate = value;
    }
}

public class ParamGroup<TOptions> : ParamGroup where TOptions : OptimizerOptions
{
    public ParamGroup()
    {
    }

    public ParamGroup(IEnumerable<Parameter> parameters, TOptions? options = null)
    {
        Parameters = parameters;
        base.Options = options!;
    }

    public new TOptions Options
    {
        get => (TOptions)base.Options;
        set => base.Options = value;
    }
}
