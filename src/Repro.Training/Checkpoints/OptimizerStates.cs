using System.Globalization;
using System.Reflection;
using Repro.Studies;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Training.Checkpoints;

/// <summary>
/// An optimizer's state by name: <c>optimizer.0.12.momentum_buffer</c> is that of the thirteenth parameter of the first optimizer. Takes every field
/// (tensors, numbers), public or not, that the state objects of <c>state_dict()</c> add to <see cref="OptimizerState"/>, so it knows no optimizer in particular.
/// </summary>
internal static class OptimizerStates
{
    public static void Save(IReadOnlyList<optim.Optimizer> optimizers, CheckpointDraft draft)
    {
        foreach (var (name, state, field) in Fields(optimizers))
        {
            switch (field.GetValue(state))
            {
                case Tensor tensor: draft.Add(name, tensor); break;
                case long number: draft.Add(name, number); break;
                case int number: draft.Add(name, (long)number); break;
                case bool yes: draft.Add(name, yes ? 1L : 0L); break;
                case double number: draft.Add(name, number); break;
                case float number: draft.Add(name, (double)number); break;
                case null: break;
                case var other: throw new NotSupportedException($"The optimizer keeps a {other.GetType().Name} in '{name}', which no checkpoint can hold.");
            }
        }
    }

    /// <exception cref="BadInputException">The checkpoint was written with another optimizer.</exception>
    public static void Load(IReadOnlyList<optim.Optimizer> optimizers, Checkpoint checkpoint, Device device)
    {
        var expected = checkpoint.NamesUnder("optimizer.").Select(name => "optimizer." + name).ToHashSet();
        foreach (var (name, state, field) in Fields(optimizers))
        {
            if (!expected.Remove(name))
            {
                // Absent means that it was null: a momentum that had not begun.
                if (field.FieldType == typeof(Tensor)) Replace(state, field, null);
                continue;
            }
            var type = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
            if (type == typeof(Tensor)) Put(state, field, checkpoint.Load(name, device));
            else if (type == typeof(double) || type == typeof(float)) field.SetValue(state, Convert.ChangeType(checkpoint.Double(name), type, CultureInfo.InvariantCulture));
            else field.SetValue(state, Convert.ChangeType(checkpoint.Int64(name), type, CultureInfo.InvariantCulture));
        }
        if (expected.Count > 0)
            throw new BadInputException($"The checkpoint holds '{expected.Order(StringComparer.Ordinal).First()}', which this run's optimizer does not have: it was written with another optimizer.");
    }

    // Into the tensor that is there, where it fits: its memory has the parameter's order, on which the bits of the next step depend.
    private static void Put(object state, FieldInfo field, Tensor loaded)
    {
        if (field.GetValue(state) is not Tensor place || place.dtype != loaded.dtype || !place.shape.AsSpan().SequenceEqual(loaded.shape))
        {
            Replace(state, field, loaded);
            return;
        }
        using var recording = no_grad();
        using (loaded) place.copy_(loaded);
    }

    private static void Replace(object state, FieldInfo field, Tensor? tensor)
    {
        var before = (Tensor?)field.GetValue(state);
        field.SetValue(state, tensor);
        before?.Dispose();
    }

    private static IEnumerable<(string Name, object State, FieldInfo Field)> Fields(IReadOnlyList<optim.Optimizer> optimizers)
    {
        for (var i = 0; i < optimizers.Count; i++)
        {
            if (optimizers[i] is not OptimizerHelper optimizer)
                throw new NotSupportedException($"The optimizer {optimizers[i].GetType().Name} does not derive from OptimizerHelper, so its state cannot be kept.");
            var states = optimizer.state_dict().State;
            for (var j = 0; j < states.Count; j++)
            {
                foreach (var field in FieldsOf(states[j].GetType())) yield return ($"optimizer.{i}.{j}.{NameOf(field)}", states[j], field);
            }
        }
    }

    // A parameter is the model's, however a state remembers whose it is.
    private static IEnumerable<FieldInfo> FieldsOf(Type state)
    {
        for (var type = state; type != typeof(OptimizerState) && type is not null; type = type.BaseType)
        {
            foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                if (field.FieldType != typeof(Parameter)) yield return field;
        }
    }

    // The compiler's field behind the property Steps is <Steps>k__BackingField.
    private static string NameOf(FieldInfo field) => field.Name is ['<', .. var name] ? name[..name.IndexOf('>', StringComparison.Ordinal)] : field.Name;
}
