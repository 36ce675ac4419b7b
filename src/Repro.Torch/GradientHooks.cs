using Repro.Torch.Interop;
using TorchSharp;

namespace Repro.Torch;

/// <summary>Functions called with a tensor's gradient as soon as backward has it. TorchSharp offers none, so they stand outside its namespaces.</summary>
public static unsafe class GradientHooks
{
    /// <param name="hook">
    /// Gets the gradient, which is valid during the call, and gives another to go on with, or null for the same. An exception in it ends
    /// backward, and comes out of that.
    /// </param>
    /// <returns>Removes the hook when disposed of, on any thread, once or more often; without that the hook stays as long as the tensor, or the graph that it is in.</returns>
    public static IDisposable RegisterHook(torch.Tensor tensor, Func<torch.Tensor, torch.Tensor?> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        ArgumentNullException.ThrowIfNull(tensor);
        long number;
        Native.Check(Native.rt_tensor_register_hook(tensor.Handle, Callbacks.Keep(hook), Callbacks.Hook, Callbacks.Release, &number), "GradientHooks.RegisterHook");
        GC.KeepAlive(tensor);
        return new Registration(number);
    }

    private sealed class Registration(long number) : IDisposable
    {
        public void Dispose() => Native.Check(Native.rt_hook_remove(number), "GradientHooks");
    }
}
