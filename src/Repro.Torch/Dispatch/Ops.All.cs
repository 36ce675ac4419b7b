using System.Reflection;

namespace Repro.Torch.Dispatch;

/// <summary>Every operator that the engine calls, by libtorch's name and schema.</summary>
internal static partial class Ops
{
    /// <summary>All of them, for the check against the libtorch that is loaded.</summary>
    public static IReadOnlyList<Operator> All =>
        [.. typeof(Ops).GetFields(BindingFlags.Public | BindingFlags.Static).Where(declared => declared.FieldType == typeof(Operator)).Select(declared => (Operator)declared.GetValue(null)!)];
}
