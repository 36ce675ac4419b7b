namespace Repro.Training;

/// <summary>The one place that reaches beyond TorchSharp's API. Each member has an eager implementation of plain TorchSharp calls.</summary>
internal static class Acceleration
{
    public static EngineInfo DescribeEngine() => throw new NotSupportedException();
}
