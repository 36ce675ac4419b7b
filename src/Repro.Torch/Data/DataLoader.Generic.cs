using System.Collections;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>The examples of a data set in batches.</summary>
/// <typeparam name="T">An example.</typeparam>
/// <typeparam name="S">A batch.</typeparam>
#pragma warning disable CA1715 // TorchSharp's name of a parameter.
public class DataLoader<T, S> : IEnumerable<S>, IDisposable
{
    /// <param name="collate_fn">Makes a batch on a device of the examples, which are freed afterwards.</param>
    /// <param name="shuffler">The numbers of the examples in their order; enumerated anew for each enumeration of the loader.</param>
    /// <param name="num_worker">Threads that fetch examples at once.</param>
    /// <param name="drop_last">Leaves out a last batch that is not full.</param>
    /// <param name="disposeBatch">Frees the tensors of a batch when the next is asked for.</param>
    /// <param name="disposeDataset">Frees the data set with the loader.</param>
    public DataLoader(
        utils.data.Dataset<T> dataset, int batchSize, Func<IEnumerable<T>, Device, S> collate_fn, IEnumerable<long> shuffler, Device? device = null, int num_worker = 1, bool drop_last = false,
        bool disposeBatch = true, bool disposeDataset = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        this.dataset = dataset;
        batch_size = batchSize;
        this.collate_fn = collate_fn;
        sampler = shuffler;
        Device = device ?? CPU;
        num_workers = Math.Max(num_worker, 1);
        this.drop_last = drop_last;
        DisposeBatch = disposeBatch;
        DisposeDataset = disposeDataset;
    }

    /// <param name="seed">Of the order of the examples, the same at each enumeration; null for another each time.</param>
    public DataLoader(
        utils.data.Dataset<T> dataset, int batchSize, Func<IEnumerable<T>, Device, S> collate_fn, bool shuffle = false, Device? device = null, int? seed = null, int num_worker = 1, bool drop_last = false,
        bool disposeBatch = true, bool disposeDataset = true)
        : this(dataset, batchSize, collate_fn, shuffle ? new FisherYatesShuffler(dataset.Count, seed) : InOrder(dataset.Count), device, num_worker, drop_last, disposeBatch, disposeDataset)
    {
    }

    public utils.data.Dataset<T> dataset { get; }

    public int batch_size { get; }

    public bool drop_last { get; }

    public IEnumerable<long> sampler { get; }

    public int num_workers { get; }

    public Func<IEnumerable<T>, Device, S> collate_fn { get; }

    public Device Device { get; }

    public bool DisposeBatch { get; }

    public bool DisposeDataset { get; }

    /// <summary>Batches in the whole data set.</summary>
    public long Count => drop_last ? dataset.Count / batch_size : ((dataset.Count - 1) / batch_size) + 1;

    public IEnumerator<S> GetEnumerator() => new Batches(this);

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing && DisposeDataset)
            dataset.Dispose();
    }

    private static IEnumerable<long> InOrder(long count)
    {
        for (long i = 0; i < count; i++)
            yield return i;
    }

    private sealed class Batches(DataLoader<T, S> loader) : IEnumerator<S>
    {
        private IEnumerator<long> order = loader.sampler.GetEnumerator();
        private IReadOnlyList<IDisposable> current = [];

        public S Current { get; private set; } = default!;

        object IEnumerator.Current => Current!;

        public bool MoveNext()
        {
            FreeCurrent();
            var indices = new List<long>(loader.batch_size);
            while (indices.Count < loader.batch_size && order.MoveNext())
                indices.Add(order.Current);
            if (indices.Count == 0 || (loader.drop_last && indices.Count < loader.batch_size))
                return false;
            var examples = new T[indices.Count];
            var made = new IReadOnlyList<IDisposable>[indices.Count];
            try
            {
                if (loader.num_workers == 1)
                    for (var i = 0; i < examples.Length; i++)
                        (examples[i], made[i]) = Apart(() => loader.dataset.GetTensor(indices[i]));
                else
                    Parallel.For(
                        0, examples.Length, new ParallelOptions { MaxDegreeOfParallelism = loader.num_workers }, i => (examples[i], made[i]) = Apart(() => loader.dataset.GetTensor(indices[i])));
                (Current, var batch) = Apart(() => loader.collate_fn(examples, loader.Device));
                if (loader.DisposeBatch)
                    current = batch;
            }
            finally
            {
                foreach (var disposables in made)
                    foreach (var disposable in disposables ?? [])
                        disposable.Dispose();
            }
            return true;
        }

        public void Reset()
        {
            FreeCurrent();
            order.Dispose();
            order = loader.sampler.GetEnumerator();
        }

        public void Dispose()
        {
            order.Dispose();
            FreeCurrent();
        }

        private void FreeCurrent()
        {
            foreach (var disposable in current)
                disposable.Dispose();
            current = [];
        }

        /// <summary>What a function gives, and all that it made and left; no dispose scope owns that then.</summary>
        private static (TResult, IReadOnlyList<IDisposable>) Apart<TResult>(Func<TResult> function)
        {
            using var scope = NewDisposeScope();
            var result = function();
            var left = scope.DisposablesView;
            scope.Detach(left);
            return (result, left);
        }
    }
}
