using Repro.Torch.Interop;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Changes parameters by their gradients.</summary>
        public abstract partial class Optimizer : IDisposable
        {
#pragma warning disable CA1051 // TorchSharp has a protected field here.
            protected IList<ParamGroup> _parameter_groups = [];
#pragma warning restore CA1051

            public virtual IEnumerable<ILearningRateController> ParamGroups => _parameter_groups;

            /// <summary>Sets existing gradients to zero. <see cref="nn.Module.zero_grad"/> drops them instead, which is faster.</summary>
            public virtual void zero_grad() => ZeroGradients([.. parameters()], setToNone: false);

            /// <summary>One step over all parameters that have gradients.</summary>
            /// <param name="closure">Computes the loss and the gradients first; its result is given back.</param>
            public abstract Tensor step(Func<Tensor>? closure = null);

            public virtual IEnumerable<Parameter> parameters() => _parameter_groups.SelectMany(group => group.Parameters);

            public virtual void add_param_group(ParamGroup param_group) => _parameter_groups.Add(param_group);

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
            }

#pragma warning disable CA1034, CA1002 // TorchSharp's nested type and lists.
            /// <summary>What an optimizer holds.</summary>
            public class StateDictionary
            {
                internal StateDictionary()
                {
                }

                /// <summary>One entry a parameter group.</summary>
                public List<OptimizerOptions> Options { get; } = [];

                /// <summary>One entry a parameter.</summary>
                public List<OptimizerState> State { get; } = [];

                /// <summary>For each group the positions of its parameters' states.</summary>
                public List<List<int>> StateIndexRef { get; } = [];
            }
#pragma warning restore CA1034, CA1002
        }

        public interface ILearningRateController
        {
            double LearningRate { get; set; }

            double InitialLearningRate { get; set; }
        }

        public interface IMomentum
        {
            double Momentum { get; set; }
        }

        public interface IBetas
        {
            (double, double) Betas { get; set; }
        }

        internal static unsafe void ZeroGradients(Parameter[] parameters, bool setToNone)
        {
            using var handles = new HandleArray(parameters);
            Native.Check(Native.rt_zero_grad(handles.Pointer, handles.Count, setToNone ? 1 : 0), "zero_grad");
        }
    }
}
