using System.Runtime.InteropServices;
using System.Text;
using Repro.Torch.Interop;
using TorchSharp;

namespace Repro.Torch;

/// <summary>Memory for time: a part of a network whose intermediate values are not kept for backward but computed again there.</summary>
public static class ActivationCheckpoint
{
    /// <inheritdoc cref="Run(Func{torch.Tensor[], torch.Tensor[]}, torch.Tensor[], bool)"/>
    public static torch.Tensor Run(Func<torch.Tensor, torch.Tensor> function, torch.Tensor input, bool preserveRandomState = true) =>
        Run(inputs => [function(inputs[0])], [input], preserveRandomState)[0];

    /// <summary>The function's value. Only the inputs are kept; backward calls the function a second time, on the same values.</summary>
    /// <remarks>
    /// Gradients are those of a plain call to the bit, into the inputs and into every leaf that the function uses, provided that it computes the same again: it
    /// must not change state such as a batch norm's running mean, which would be moved twice. Autocast is as it was. backward() of everything only: autograd.grad,
    /// backward to chosen inputs and second derivatives are refused. What the function throws in backward is thrown by backward.
    /// </remarks>
    /// <param name="preserveRandomState">Default generators (the CPU's, and of the inputs' CUDA devices) give the same numbers again, for dropout.</param>
    public static unsafe torch.Tensor[] Run(Func<torch.Tensor[], torch.Tensor[]> function, torch.Tensor[] inputs, bool preserveRandomState = true)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (!torch.is_grad_enabled())
            return function(inputs);
        nint node;
        using (var handles = new HandleArray(inputs))
            Native.Check(
                Native.rt_recompute_begin(handles.Pointer, handles.Count, preserveRandomState ? 1 : 0, &Recompute, &Release, GCHandle.ToIntPtr(GCHandle.Alloc(function)), &node),
                nameof(ActivationCheckpoint));
        try
        {
            using var scope = torch.NewDisposeScope();
            torch.Tensor[] outputs;
            using (torch.no_grad())
                outputs = function(inputs);
            using var given = new HandleArray(outputs);
            var results = new nint[outputs.Length];
            fixed (nint* pointer = results)
                Native.Check(Native.rt_recompute_end(node, given.Pointer, given.Count, pointer), nameof(ActivationCheckpoint));
            return Array.ConvertAll(results, handle => new torch.Tensor(handle).MoveToOuterDisposeScope());
        }
        finally
        {
            Native.rt_recompute_drop(node);
        }
    }

    /// <summary>In backward, on libtorch's thread. No exception may unwind through native frames: its text goes back instead.</summary>
    [UnmanagedCallersOnly]
    private static unsafe int Recompute(nint context, nint* inputs, long inputsCount, nint* outputs, long outputsCount, byte** error)
    {
        try
        {
            using var scope = torch.NewDisposeScope();
            var arguments = new torch.Tensor[inputsCount];
            for (var i = 0; i < inputsCount; i++)
                arguments[i] = new torch.Tensor(inputs[i]);
            var results = ((Func<torch.Tensor[], torch.Tensor[]>)GCHandle.FromIntPtr(context).Target!)(arguments);
            if (results.Length != outputsCount)
                throw new InvalidOperationException($"The function of an activation checkpoint gave {results.Length} tensors in backward, {outputsCount} before.");
            using var handles = new HandleArray(results); // refuses disposed ones before any reference is handed out
            for (var i = 0; i < results.Length; i++)
                if (Native.rt_tensor_share(results[i].Handle, &outputs[i]) != 0)
                    Native.Throw(nameof(ActivationCheckpoint));
            return 0;
        }
#pragma warning disable CA1031 // Whatever it is, it must not leave this method.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            var text = Encoding.UTF8.GetBytes($"the function of an activation checkpoint failed in backward: {thrown.GetType().Name}: {thrown.Message}");
            *error = (byte*)NativeMemory.Alloc((nuint)text.Length + 1); // given back by free()
            text.CopyTo(new Span<byte>(*error, text.Length));
            (*error)[text.Length] = 0;
            return 1;
        }
    }

    [UnmanagedCallersOnly]
    private static void Release(nint context) => GCHandle.FromIntPtr(context).Free();
}
