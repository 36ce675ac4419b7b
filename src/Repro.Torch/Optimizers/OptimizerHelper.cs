using TorchSharp.Utils;

namespace TorchSharp.Modules;

/// <summary>Parameter groups with options, a state a parameter, and their way to and from files in TorchSharp's format.</summary>
public abstract class OptimizerHelper : torch.optim.Optimizer
{
    private readonly Dictionary<Parameter, OptimizerState> states = new(ReferenceEqualityComparer.Instance);

    private protected abstract OptimizerState NewState(Parameter parameter);

    private protected abstract OptimizerOptions NewOptions(ParamGroup group);

    private protected OptimizerState StateOf(Parameter parameter) => states[parameter];

    private protected IEnumerable<OptimizerState> States => states.Values;

    /// <summary>Takes further parameters in; what the group's options leave open is filled with the optimizer's own.</summary>
    public override void add_param_group(ParamGroup param_group)
    {
        param_group.Parameters = param_group.Parameters.ToArray();
        param_group.Options = NewOptions(param_group);
        param_group.Options.InitialLearningRate = param_group.Options.LearningRate ?? 0;
        base.add_param_group(param_group);
        foreach (var parameter in param_group.Parameters)
            if (!states.TryAdd(parameter, NewState(parameter)))
                throw new ArgumentException("some parameters appear in more than one parameter group");
    }

    private protected torch.Tensor StepGroups(Func<torch.Tensor>? closure, Action<ParamGroup> step)
    {
        torch.Tensor? loss = null;
        if (closure is not null)
            using (torch.enable_grad())
                loss = closure();
        foreach (var group in _parameter_groups)
            step(group);
        return loss!;
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
                dictionary.State.Add(states[parameter]);
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
        foreach (var state in States)
            state.to(device);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing)
            return;
        foreach (var state in States)
            (state as IDisposable)?.Dispose();
        states.Clear();
    }

    private static void CheckCounts(int groups, int count, StateDictionary own)
    {
        if (groups != own.Options.Count)
            throw new ArgumentException($"Invalid optimizer state -- different number of parameter groups: {groups} saved, {own.Options.Count} here.");
        if (count != own.State.Count)
            throw new ArgumentException($"Invalid optimizer state -- different number of states: {count} saved, {own.State.Count} here.");
    }
}

/// <summary>What an optimizer holds.</summary>
public class StateDictionary
{
    internal StateDictionary()
    {
    }

    /// <summary>One entry a parameter group.</summary>
    public List<OptimizerOptions> Options { get; } = [];

    /// <summary>One entry a parameter.</summary>
    public List<OptimizerState> State { get; } = [];

    /// <summary>For each group the positions of its parameters' states.</summary>
    public List<List<int>> StateIndexRef { get; } = [];
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

    protected OptimizerState(Parameter parameter) => _parameter = parameter;

    public abstract void SaveStateDict(BinaryWriter writer);

    public abstract void LoadStateDict(BinaryReader reader);

    public abstract void LoadStateDict(OptimizerState source);

    public virtual bool ApproximatelyEquals(OptimizerState other) => false;

    public abstract void Initialize(OptimizerOptions options);

    public virtual void to(torch.Device device)
    {
    }

    private protected static void SaveConditionalStateTensor(BinaryWriter writer, torch.Tensor? tensor)
    {
        writer.Write(tensor is not null);
        tensor?.Save(writer);
    }

    private protected static void LoadConditionalStateTensor(BinaryReader reader, ref torch.Tensor? result, torch.Device device)
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
