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
    /// <returns>Removes the hook when disposed of; without that the hook stays as long as the tensor.</returns>
    public static IDisposable RegisterHook(torch.Tensor tensor, Func<torch.Tensor, torch.Tensor?> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        ArgumentNullException.ThrowIfNull(tensor);
        long position;
        Native.Check(Native.rt_tensor_register_hook(tensor.Handle, Callbacks.Keep(hook), Callbacks.Hook, Callbacks.Release, &position), "GradientHooks.RegisterHook");
        return new Registration(tensor, position);
    }

    private sealed class Registration(torch.Tensor tensor, long position) : IDisposable
    {
        private torch.Tensor? tensor = tensor;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref tensor, null) is { IsInvalid: false } hooked)
            {
                Native.Check(Native.rt_tensor_remove_hook(hooked.Handle, position), "GradientHooks");
                GC.KeepAlive(hooked);
            }
        }
    }
}
