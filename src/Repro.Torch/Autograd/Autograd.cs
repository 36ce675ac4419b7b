using Repro.Torch.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public bool requires_grad
        {
            get => Info.RequiresGrad;
            set => requires_grad_(value);
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            Native.Check(Native.rt_tensor_set_requires_grad(Handle, requires_grad ? 1 : 0), "Tensor.requires_grad_");
            GC.KeepAlive(this);
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        /// <summary>Keeps the gradient of a tensor that is not a leaf when backward passes it.</summary>
        public void retain_grad()
        {
            Native.Check(Native.rt_tensor_retain_grad(Handle), "Tensor.retain_grad");
            GC.KeepAlive(this);
        }

        /// <summary>What backward accumulated; null where nothing is. Each reading is a new reference to the same memory.</summary>
        public unsafe Tensor? grad
        {
            get
            {
                nint found;
                Native.Check(Native.rt_tensor_grad(Handle, &found), "Tensor.grad");
                GC.KeepAlive(this);
                return found == 0 ? null : new Tensor(found);
            }
            set
            {
                Native.Check(Native.rt_tensor_set_grad(Handle, value is null ? 0 : value.Handle), "Tensor.grad");
                GC.KeepAlive(this);
                GC.KeepAlive(value);
            }
        }

        /// <summary>Adds this scalar's gradient to that of every leaf it was computed from, and frees the graph.</summary>
        public unsafe void backward()
        {
            var self = Handle;
            Native.Check(Native.rt_backward(&self, null, 1, -1, 0, null, 0), "Tensor.backward");
            GC.KeepAlive(this);
        }

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);
    }

    public static partial class autograd
    {
        /// <summary>Gradients of the outputs' sum with respect to inputs, without touching any <see cref="Tensor.grad"/>.</summary>
        /// <param name="allow_unused">Lets an input that the outputs do not depend on through; its gradient is null.</param>
        public static unsafe IList<Tensor> grad(
            IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            using var outs = new HandleArray(outputs);
            using var ins = new HandleArray(inputs);
            using var seeds = Seeds(grad_outputs, outputs.Count);
            var results = new nint[inputs.Count];
            fixed (nint* resultPointer = results)
                Native.Check(
                    Native.rt_grad(outs.Pointer, seeds.Pointer, outs.Count, ins.Pointer, ins.Count, retain_graph || create_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, resultPointer),
                    "autograd.grad");
            return Array.ConvertAll(results, handle => handle == 0 ? null! : new Tensor(handle));
        }

        public static unsafe void backward(
            IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            using var roots = new HandleArray(tensors);
            using var seeds = Seeds(grad_tensors, tensors.Count);
            using var leaves = new HandleArray(inputs);
            Native.Check(
                Native.rt_backward(
                    roots.Pointer, seeds.Pointer, roots.Count, retain_graph is { } kept ? kept || create_graph ? 1 : 0 : -1, create_graph ? 1 : 0, leaves.Pointer, leaves.Count),
                "autograd.backward");
        }

        public static void backward(Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        /// <summary>One gradient an output, or none at all: ones for scalars.</summary>
        private static HandleArray Seeds(IList<Tensor>? gradients, int outputs) => gradients is null or { Count: 0 }
            ? new HandleArray(null)
            : gradients.Count == outputs ? new HandleArray(gradients) : throw new ArgumentException($"{gradients.Count} gradients were given for {outputs} outputs.");

        /// <summary>Until disposed of, backward names the function that gave a NaN, and where it was called.</summary>
        public static AnomalyMode detect_anomaly(bool check_nan = true) => new(true, check_nan);

        public static AnomalyMode set_detect_anomaly(bool mode, bool check_nan = true) => new(mode, check_nan);
    }

    // Grad modes belong to the thread; disposing puts back what was before.
    public static IDisposable no_grad() => new AutoGradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new AutoGradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new AutoGradMode(mode);

    public static bool is_grad_enabled() => AutoGradMode.IsEnabled;

    /// <summary>No autograd, and tensors made meanwhile can never take part in it. Dispose of it on the same thread.</summary>
    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static bool is_inference_mode_enabled() => InferenceMode.IsEnabled;
}

internal sealed class AutoGradMode : IDisposable
{
    private readonly bool before = IsEnabled;

    public AutoGradMode(bool enabled) => Native.rt_set_grad_mode(enabled ? 1 : 0);

    public static bool IsEnabled => Native.rt_grad_mode() != 0;

    public void Dispose() => Native.rt_set_grad_mode(before ? 1 : 0);
}

internal sealed class InferenceMode : IDisposable
{
    private nint guard;

    public unsafe InferenceMode(bool mode)
    {
        nint begun;
        Native.Check(Native.rt_inference_mode_begin(mode ? 1 : 0, &begun), "inference_mode");
        guard = begun;
    }

    public static bool IsEnabled => Native.rt_is_inference_mode() != 0;

    public void Dispose()
    {
        if (guard != 0)
            Native.rt_inference_mode_end(guard);
        guard = 0;
    }
}

/// <summary>Whether backward checks every function's result; process-wide, put back when disposed of.</summary>
public class AnomalyMode : IDisposable
{
    private readonly bool before = IsEnabled;
    private readonly bool checkedBefore = ShouldCheckNaN;

    public AnomalyMode(bool enabled, bool check_nan = true) => Native.rt_set_anomaly_mode(enabled ? 1 : 0, check_nan ? 1 : 0);

    public static bool IsEnabled => Native.rt_anomaly_mode() != 0;

    public static bool ShouldCheckNaN => Native.rt_anomaly_checks_nan() != 0;

    public void Dispose()
    {
        Native.rt_set_anomaly_mode(before ? 1 : 0, checkedBefore ? 1 : 0);
        GC.SuppressFinalize(this);
    }
}
