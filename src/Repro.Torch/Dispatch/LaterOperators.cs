namespace Repro.Torch.Dispatch;

/// <summary>Operators that a later libtorch has under a schema by which calls written for 1.13 would be wrong, and what the engine does there.</summary>
internal static class LaterOperators
{
    /// <summary>
    /// By full name. An operator that differs and does not stand here fails the tests. (Arguments appended with a default, as to_dense's, are no difference.)
    /// </summary>
    public static IReadOnlyDictionary<string, string> Coped { get; } = new Dictionary<string, string>
    {
        ["aten::can_cast"] = "its first argument was renamed; arguments go by position",
    };
}
