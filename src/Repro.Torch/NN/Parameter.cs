namespace TorchSharp.Modules
{
    /// <summary>A tensor that a module trains.</summary>
    public class Parameter : torch.Tensor
    {
        /// <param name="data">Becomes invalid: the parameter takes its memory over.</param>
        public Parameter(torch.Tensor data, bool requires_grad = true) : base(IntPtr.Zero, register: false)
        {
            data.with_requires_grad(requires_grad);
            data.OwningDisposeScope?.Replace(data, this);
            handle = data.MoveHandle();
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
        }
    }
}
