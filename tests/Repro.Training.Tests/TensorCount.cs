namespace Repro.Training.Tests;

/// <summary>What <c>Tensor.TotalCount</c> says that is not so.</summary>
internal static class TensorCount
{
    /// <summary>
    /// The TorchSharp package counts a tensor twice when it becomes a parameter, and takes it off once when that is disposed of: the memory is free, the count
    /// stays one too high.
    /// </summary>
    /// <param name="parameters">Made and disposed of since.</param>
    public static long TooHighBy(int parameters) => EngineInfo.Current.Name.StartsWith("TorchSharp", StringComparison.Ordinal) ? parameters : 0;
}
