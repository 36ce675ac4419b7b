using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class utils
        {
            public static partial class data
            {
                /// <summary>Examples by number, each a dictionary of tensors by name.</summary>
                public abstract class Dataset : Dataset<Dictionary<string, Tensor>>;

                /// <summary>Examples by number, each a list of tensors.</summary>
                public abstract class IterableDataset : Dataset<IList<Tensor>>;

                public abstract class Dataset<T> : IDisposable
                {
                    public abstract long Count { get; }

                    /// <summary>One example, from 0; may be called by several threads at once.</summary>
                    public abstract T GetTensor(long index);

                    public void Dispose()
                    {
                        Dispose(true);
                        GC.SuppressFinalize(this);
                    }

                    protected virtual void Dispose(bool disposing)
                    {
                    }
                }

                /// <summary>The rows of tensors whose first dimensions are equally long; the tensors stay the caller's.</summary>
                public static TensorDataset TensorDataset(params Tensor[] tensors) => new(tensors);
            }
        }
    }
}

namespace TorchSharp.Modules
{
    public class TensorDataset : torch.utils.data.IterableDataset
    {
        private readonly torch.Tensor[] tensors;

        internal TensorDataset(torch.Tensor[] tensors)
        {
            if (tensors is null or [])
                throw new ArgumentNullException(nameof(tensors));
            if (tensors.Any(tensor => tensor.size(0) != tensors[0].size(0)))
                throw new ArgumentException($"All tensors must have the same first dimension size; they have {string.Join(", ", tensors.Select(tensor => tensor.size(0)))}.", nameof(tensors));
            this.tensors = Array.ConvertAll(tensors, tensor => tensor.alias().DetachFromDisposeScope());
        }

        public override long Count => tensors[0].size(0);

        /// <summary>A row of each tensor.</summary>
        public IList<torch.Tensor> this[long index] => Array.ConvertAll(tensors, tensor => tensor[index]);

        public override IList<torch.Tensor> GetTensor(long index) => this[index];

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                foreach (var tensor in tensors)
                    tensor.Dispose();
            base.Dispose(disposing);
        }
    }
}
