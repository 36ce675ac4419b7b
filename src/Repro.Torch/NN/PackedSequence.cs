using Repro.Torch.Dispatch;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            public static partial class rnn
            {
                /// <summary>Sequences of different lengths, step by step: all that are that long, the longest first.</summary>
                public sealed class PackedSequence : IDisposable
                {
#pragma warning disable CA1051 // TorchSharp has public fields here.
                    /// <summary>(steps of all sequences, ...).</summary>
                    public readonly Tensor data;

                    /// <summary>Sequences that reach each step, on the CPU.</summary>
                    public readonly Tensor batch_sizes;

                    /// <summary>Which sequence stands where; no tensor (<see cref="Tensor.IsInvalid"/>) where they were given in order.</summary>
                    public readonly Tensor sorted_indices;

                    public readonly Tensor unsorted_indices;
#pragma warning restore CA1051

                    // The sequence is what belongs to the scope; its tensors go with it.
                    internal PackedSequence(Tensor data, Tensor batch_sizes, Tensor? sorted_indices, Tensor? unsorted_indices)
                    {
                        (this.data, this.batch_sizes) = (data, batch_sizes);
                        (this.sorted_indices, this.unsorted_indices) = (sorted_indices ?? Tensor.Undefined(), unsorted_indices ?? Tensor.Undefined());
                        foreach (var tensor in Tensors)
                            tensor.DetachFromDisposeScope();
                        DisposeScopeManager.Register(this);
                    }

                    internal DisposeScope? OwningDisposeScope { get; set; }

                    private bool disposed;

                    internal bool IsInvalid => disposed;

                    internal long FirstBatchSize
                    {
                        get
                        {
                            using var first = batch_sizes.select(0, 0);
                            return first.item<long>();
                        }
                    }

                    /// <summary>Other data of the same sequences.</summary>
                    internal PackedSequence With(Tensor other) => new(other, batch_sizes.alias(), AliasOf(sorted_indices), AliasOf(unsorted_indices));

                    private static Tensor? AliasOf(Tensor order) => order.IsInvalid ? null : order.alias();

                    public void Dispose()
                    {
                        if (disposed)
                            return;
                        disposed = true;
                        foreach (var tensor in Tensors)
                            tensor.Dispose();
                        DisposeScopeManager.Disposing(this);
                        OwningDisposeScope?.Forget(this);
                    }

                    public PackedSequence MoveToOuterDisposeScope()
                    {
                        OwningDisposeScope?.MoveToOuter(this);
                        return this;
                    }

                    public PackedSequence DetachFromDisposeScope()
                    {
                        OwningDisposeScope?.Detach(this);
                        return this;
                    }

                    public PackedSequence MoveToOtherDisposeScope(PackedSequence other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

                    public PackedSequence MoveToOtherDisposeScope(DisposeScope? other)
                    {
                        if (OwningDisposeScope is { } owner)
                            owner.MoveToOther(other, this);
                        else
                            other?.Attach(this);
                        return this;
                    }

                    private Tensor[] Tensors => [data, batch_sizes, sorted_indices, unsorted_indices];
                }

                /// <param name="input">(steps, sequences, ...), or (sequences, steps, ...) with batch_first.</param>
                /// <param name="lengths">Of each sequence, int64.</param>
                /// <param name="enforce_sorted">The sequences are given longest first; otherwise they are sorted here.</param>
                public static PackedSequence pack_padded_sequence(Tensor input, Tensor lengths, bool batch_first = false, bool enforce_sorted = true)
                {
                    using var given = lengths.to(ScalarType.Int64, CPU);
                    if (enforce_sorted)
                    {
                        var (inOrder, inOrderSizes) = Ops._pack_padded_sequence.CallTwo(input, given, batch_first);
                        return new PackedSequence(inOrder, inOrderSizes, null, null);
                    }
                    var (sortedLengths, order) = Ops.sort.CallTwo(given, -1, true);
                    using var lengthsInOrder = sortedLengths;
                    using var orderOnCpu = order;
                    var sorted = order.to(input.device, copy: true);
                    using var sequences = input.index_select(batch_first ? 0 : 1, sorted);
                    var (data, batchSizes) = Ops._pack_padded_sequence.CallTwo(sequences, lengthsInOrder, batch_first);
                    return new PackedSequence(data, batchSizes, sorted, sorted.argsort());
                }

                /// <returns>The sequences with <paramref name="padding_value"/> behind their ends, and their lengths.</returns>
                /// <param name="total_length">Steps of the result; null for those of the longest sequence.</param>
                public static (Tensor, Tensor) pad_packed_sequence(PackedSequence sequence, bool batch_first = false, double padding_value = 0.0, long? total_length = null)
                {
                    var steps = sequence.batch_sizes.shape[0];
                    if (total_length < steps)
                        throw new ArgumentException($"Expected total_length to be at least the length of the longest sequence in input ({steps}), but got {total_length}");
                    var (padded, lengths) = Ops._pad_packed_sequence.CallTwo(
                        sequence.data, sequence.batch_sizes, batch_first, (Scalar)padding_value, total_length ?? steps);
                    if (sequence.unsorted_indices is not { IsInvalid: false } order)
                        return (padded, lengths);
                    using (padded)
                    using (lengths)
                    using (var orderOnCpu = order.cpu())
                        return (padded.index_select(batch_first ? 0 : 1, order), lengths.index_select(0, orderOnCpu));
                }

                /// <summary>Sequences (steps, ...) side by side, with <paramref name="padding_value"/> behind the ends of the shorter ones.</summary>
                public static Tensor pad_sequence(IEnumerable<Tensor> sequences, bool batch_first = false, double padding_value = 0.0) =>
                    Ops.pad_sequence.Call(sequences.ToArray(), batch_first, padding_value);

                public static PackedSequence pack_sequence(IEnumerable<Tensor> sequences, bool enforce_sorted = true)
                {
                    Tensor[] given = [.. sequences];
                    using var lengths = tensor(given.Select(sequence => sequence.shape[0]).ToArray());
                    using var padded = pad_sequence(given);
                    return pack_padded_sequence(padded, lengths, false, enforce_sorted);
                }
            }
        }
    }
}
