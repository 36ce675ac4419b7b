using Repro.Torch.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>What a function's forward leaves for its backward.</summary>
        public sealed class AutogradContext : IDisposable
        {
            private readonly Dictionary<string, object> data = [];
            private List<Tensor> saved = [];

            internal List<Tensor> ToSave { get; private set; } = [];

            internal List<Tensor> Dirty { get; private set; } = [];

            internal List<Tensor> NonDifferentiable { get; private set; } = [];

            /// <summary>Whether backward sees zeros where an output had no gradient (the default), or an invalid tensor.</summary>
            public bool MaterializeGrads { get; private set; } = true;

            /// <summary>Inputs or outputs that backward needs. Changing one in place until then is an error of backward.</summary>
            public void save_for_backward(List<Tensor> tensors) => ToSave = tensors;

            /// <summary>Anything that is no tensor; a tensor kept this way escapes the check against changes, and may hold its own graph alive.</summary>
            public void save_data(string key, object value) => data[key] = value;

            /// <param name="tensors">Inputs that forward changed in place.</param>
            public void mark_dirty(List<Tensor> tensors) => Dirty = [.. tensors];

            /// <param name="tensors">Outputs that get no gradient.</param>
            public void mark_non_differentiable(List<Tensor> tensors) => NonDifferentiable = [.. tensors];

            public void set_materialize_grads(bool value) => MaterializeGrads = value;

            /// <summary>The tensors given to <see cref="save_for_backward"/>, in its order. Valid while backward runs.</summary>
            public List<Tensor> get_saved_variables() => [.. saved];

            /// <returns>Null where nothing was kept under the key.</returns>
            public object? get_data(string key) => data.GetValueOrDefault(key);

            public void Dispose()
            {
            }

            internal void Load(List<Tensor> tensors) => saved = tensors;

            internal void ForgetForward() => (ToSave, Dirty, NonDifferentiable) = ([], [], []);
        }

#pragma warning disable CA1000 // A function is called through its own type, as in TorchSharp.
        /// <summary>An operation with a gradient of its own: the common part of functions of one and of several outputs.</summary>
        public abstract class Function<T> where T : Function<T>, new()
        {
            internal static T Instance { get; } = new();

            public abstract string Name { get; }

            /// <summary>Runs forward without recording, and puts backward into the graph where an input requires a gradient.</summary>
            /// <param name="vars">What forward gets: at most 32 of them tensors, no tensor inside of a list is seen.</param>
            public static unsafe List<Tensor> apply_internal(params object[] vars)
            {
                using var call = new Call(vars);
                nint* produced;
                long count;
                Native.Check(
                    Native.rt_function_apply(Callbacks.Keep(call), Callbacks.Forward, Callbacks.Backward, Callbacks.Release, call.Inputs.Pointer, call.Inputs.Count, &produced, &count),
                    Instance.Name);
                var outputs = new List<Tensor>((int)count);
                for (var i = 0; i < count; i++)
                    outputs.Add(call.Own(i, produced[i]));
                Native.rt_free((nint)produced);
                return outputs;
            }

            internal abstract List<Tensor> ForwardAll(AutogradContext ctx, object[] vars);

            internal abstract List<Tensor> BackwardAll(AutogradContext ctx, List<Tensor> gradients);

            private sealed unsafe class Call : FunctionCall, IDisposable
            {
                private readonly AutogradContext context = new();
                private readonly bool[] isTensor;
                private readonly List<HandleBlock> handles = [];
                private object[]? arguments;
                private List<Tensor> outputs = [];

                public Call(object[] vars)
                {
                    arguments = vars;
                    isTensor = Array.ConvertAll(vars, argument => argument is Tensor { IsInvalid: false });
                    Inputs = Handles([.. vars.Where((_, i) => isTensor[i]).Cast<Tensor>()]);
                }

                public HandleBlock Inputs { get; }

                public override void Forward(NativeForward* result)
                {
                    outputs = Instance.ForwardAll(context, arguments!);
                    result->Outputs = Fill(outputs, out result->OutputsCount);
                    result->Saved = Fill(context.ToSave, out result->SavedCount);
                    result->Dirty = Fill(context.Dirty, out result->DirtyCount);
                    result->NonDifferentiable = Fill(context.NonDifferentiable, out result->NonDifferentiableCount);
                    result->MaterializeGradients = context.MaterializeGrads ? 1 : 0;
                }

                public override void Backward(Tensor[] gradients, List<Tensor> saved, Span<nint> results)
                {
                    context.Load(saved);
                    try
                    {
                        var found = Instance.BackwardAll(context, [.. gradients]);
                        var extra = found.Skip(isTensor.Length).Any(Defined);
                        if (found.Count < isTensor.Length || extra)
                            throw new InvalidOperationException($"Function {Instance.Name} gave {found.Count} gradients for {isTensor.Length} arguments of forward; a null stands for an argument without one.");
                        var at = 0;
                        for (var i = 0; i < isTensor.Length; i++)
                        {
                            if (!isTensor[i] && Defined(found[i]))
                                throw new InvalidOperationException($"Function {Instance.Name} gave a gradient for argument {i}, which is no tensor; give null there.");
                            if (isTensor[i])
                                results[at++] = Defined(found[i]) ? Callbacks.Reference(found[i]) : 0;
                        }
                    }
                    finally
                    {
                        context.Load([]);
                    }
                }

                /// <summary>The forward's own tensor where libtorch gave the same one back, otherwise a new one.</summary>
                public Tensor Own(int i, nint handle)
                {
                    if (outputs[i].handle != handle)
                        return new Tensor(handle);
                    Native.rt_tensor_release(handle);
                    return outputs[i];
                }

                public void Dispose()
                {
                    handles.ForEach(array => array.Dispose());
                    handles.Clear();
                    context.ForgetForward();
                    (arguments, outputs) = (null, []);
                }

                private nint* Fill(List<Tensor> tensors, out long count)
                {
                    count = tensors.Count;
                    return Handles(tensors).Pointer;
                }

                private HandleBlock Handles(List<Tensor> tensors)
                {
                    // An invalid tensor stands for none.
                    var array = new HandleBlock(tensors.Select(tensor => Defined(tensor) ? tensor : null));
                    handles.Add(array);
                    return array;
                }

                private static bool Defined(Tensor? tensor) => tensor is { IsInvalid: false };
            }
        }

        /// <summary>A function of one output: <c>class Exp : SingleTensorFunction&lt;Exp&gt;</c>, called by <c>Exp.apply(x)</c>.</summary>
        public abstract class SingleTensorFunction<T> : Function<T> where T : SingleTensorFunction<T>, new()
        {
            public static Tensor apply(params object[] vars) => apply_internal(vars)[0];

            public abstract Tensor forward(AutogradContext ctx, params object[] vars);

            /// <summary>One gradient per argument of forward, null where there is none. What it makes besides is freed when it returns.</summary>
            public abstract List<Tensor> backward(AutogradContext ctx, Tensor grad_output);

            internal sealed override List<Tensor> ForwardAll(AutogradContext ctx, object[] vars) => [forward(ctx, vars)];

            internal sealed override List<Tensor> BackwardAll(AutogradContext ctx, List<Tensor> gradients) => backward(ctx, gradients[0]);
        }

        /// <summary>A function of several outputs.</summary>
        public abstract class MultiTensorFunction<T> : Function<T> where T : MultiTensorFunction<T>, new()
        {
            public static List<Tensor> apply(params object[] vars) => apply_internal(vars);

            public abstract List<Tensor> forward(AutogradContext ctx, params object[] vars);

            /// <summary>One gradient per argument of forward, null where there is none. What it makes besides is freed when it returns.</summary>
            public abstract List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs);

            internal sealed override List<Tensor> ForwardAll(AutogradContext ctx, object[] vars) => forward(ctx, vars);

            internal sealed override List<Tensor> BackwardAll(AutogradContext ctx, List<Tensor> gradients) => backward(ctx, gradients);
        }
#pragma warning restore CA1000
    }
}
