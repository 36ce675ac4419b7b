using System.Runtime.CompilerServices;
using TorchSharp;

namespace Repro.Experiments.Tests;

internal static class OneThread
{
    /// <summary>The networks here are small, and tests run side by side: more threads an operator would only wait for each other.</summary>
    [ModuleInitializer]
    internal static void Set() => torch.set_num_threads(1);
}
