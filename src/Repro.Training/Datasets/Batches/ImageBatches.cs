using System.Buffers;
using Repro.Studies;
using Repro.Studies.Randomness;

namespace Repro.Training.Datasets.Batches;

/// <summary>
/// The batches of a run: which examples step s sees, and their pixels. All of it is a pure function of (seed, step), so a run resumed at any step
/// goes on with the same batches and a loader may prepare them ahead, in any order, on any thread.
/// </summary>
public sealed class ImageBatches
{
    private readonly IImageSource _source;
    private readonly int[] _examples;
    private readonly Augmentation _augmentation;
    private readonly LastBatch _last;
    private readonly ulong _seed;
    private readonly bool _shuffle;

    // Orders of an even and of an odd epoch: two neighbours are in use while a loader runs ahead.
    private readonly EpochOrder?[] _orders = new EpochOrder?[2];

    private ImageBatches(IImageSource source, int[] examples, int batchSize, ulong seed, Augmentation augmentation, LastBatch last, bool shuffle)
    {
        if (batchSize < 1) throw new BadInputException($"A batch must have at least 1 example; it was {batchSize}.");
        if (examples.Length == 0) throw new BadInputException("There are no examples to make batches of.");
        if (last == LastBatch.Dropped && batchSize > examples.Length)
            throw new BadInputException($"A batch of {batchSize} needs at least {batchSize} examples where the last, smaller batch is dropped; there are {examples.Length}. Lower batch_size.");
        if (augmentation.Padding >= Math.Min(source.Shape.Height, source.Shape.Width))
            throw new BadInputException($"Padding by {augmentation.Padding} needs images larger than that; these are {source.Shape}.");
        (_source, _examples, BatchSize, _seed, _augmentation, _last, _shuffle) = (source, examples, batchSize, seed, augmentation, last, shuffle);
    }

    /// <summary>Batches for training: each epoch goes through the examples in a new random order.</summary>
    /// <param name="examples">Numbers of the examples that take part.</param>
    public static ImageBatches Shuffled(
        IImageSource source, int[] examples, int batchSize, ulong seed, Augmentation? augmentation = null, LastBatch last = LastBatch.Continued) =>
        new(source, examples, batchSize, seed, augmentation ?? Augmentation.None, last, shuffle: true);

    /// <summary>Batches for evaluation: the examples in the given order, unchanged, the last batch smaller; steps 0 to <see cref="StepsFor"/>(1) - 1.</summary>
    public static ImageBatches InOrder(IImageSource source, int[] examples, int batchSize) =>
        new(source, examples, batchSize, 0, Augmentation.None, LastBatch.Smaller, shuffle: false);

    public int BatchSize { get; }

    public ImageShape Shape => _source.Shape;

    /// <summary>Steps that go through the given number of epochs; with <see cref="LastBatch.Continued"/> rounded up.</summary>
    public long StepsFor(long epochs) => _last switch
    {
        LastBatch.Smaller => epochs * ((_examples.Length + BatchSize - 1) / BatchSize),
        LastBatch.Dropped => epochs * (_examples.Length / BatchSize),
        _ => (epochs * _examples.Length + BatchSize - 1) / BatchSize,
    };

    /// <summary>How many examples the step's batch has.</summary>
    public int Size(long step) => _last == LastBatch.Smaller && (step + 1) % StepsFor(1) == 0 && _examples.Length % BatchSize is > 0 and var rest ? rest : BatchSize;

    /// <summary>Numbers of the examples of a step's batch.</summary>
    public int[] Examples(long step)
    {
        var examples = new int[Size(step)];
        for (var i = 0; i < examples.Length; i++) (_, examples[i]) = At(step, i);
        return examples;
    }

    /// <summary>Fills a step's batch and returns its size.</summary>
    /// <param name="pixels">Batch x channels x height x width; longer spans keep their rest.</param>
    /// <param name="labels">One class an example.</param>
    public int Fill(long step, Span<float> pixels, Span<long> labels)
    {
        var (size, shape, plain) = (Size(step), _source.Shape, _augmentation == Augmentation.None);
        var scratch = ArrayPool<float>.Shared.Rent(shape.Size);
        for (var i = 0; i < size; i++)
        {
            var (epoch, example) = At(step, i);
            var place = pixels.Slice(i * shape.Size, shape.Size);
            labels[i] = _source.Label(example);
            if (plain)
            {
                _source.Read(example, place);
                continue;
            }
            var image = scratch.AsSpan(0, shape.Size);
            _source.Read(example, image);
            _augmentation.Apply(_augmentation.Draw(_seed, epoch, example), shape, image, place);
        }
        ArrayPool<float>.Shared.Return(scratch);
        return size;
    }

    private (long Epoch, int Example) At(long step, int place)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        var (epoch, position) = _last == LastBatch.Continued
            ? Math.DivRem(step * BatchSize + place, _examples.Length)
            : (step / StepsFor(1), step % StepsFor(1) * BatchSize + place);
        return (epoch, _shuffle ? _examples[Order(epoch)[position]] : _examples[position]);
    }

    private int[] Order(long epoch)
    {
        ref var slot = ref _orders[epoch % 2];
        var order = Volatile.Read(ref slot);
        if (order?.Epoch != epoch)
        {
            // Two threads may both make it; they make the same.
            order = new EpochOrder(epoch, new Philox(_seed, RandomPurpose.Order, epoch).Permutation(_examples.Length));
            Volatile.Write(ref slot, order);
        }
        return order.Positions;
    }

    private sealed record EpochOrder(long Epoch, int[] Positions);
}

/// <summary>What becomes of the examples that do not fill a batch at the end of an epoch.</summary>
public enum LastBatch
{
    /// <summary>The batch is filled with the first examples of the next epoch: every batch is full and no example is left out.</summary>
    Continued,

    /// <summary>They make a smaller batch.</summary>
    Smaller,

    /// <summary>They are left out of this epoch; other ones in the next.</summary>
    Dropped,
}
