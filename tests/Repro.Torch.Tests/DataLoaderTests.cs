using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

public class DataLoaderTests
{
    [Fact]
    public void Batches_have_the_examples_in_order_and_the_last_what_is_left()
    {
        using var scope = NewDisposeScope();
        using var loader = utils.data.DataLoader(utils.data.TensorDataset(arange(7, int64), arange(14, float32).reshape(7, 2)), 3);
        Assert.Equal(3, loader.Count);
        var seen = new List<long[]>();
        foreach (var batch in loader)
        {
            Assert.Equal([batch[0].size(0), 2], batch[1].shape);
            Assert.True((batch[1][TensorIndex.Colon, 0] / 2).Equals(batch[0].to(float32)));
            seen.Add(batch[0].data<long>().ToArray());
        }
        Assert.Equal([[0, 1, 2], [3, 4, 5], [6]], seen);
    }

    [Fact]
    public void A_last_batch_that_is_not_full_can_be_left_out()
    {
        using var scope = NewDisposeScope();
        using var loader = utils.data.DataLoader(new Squares(7), 3, drop_last: true);
        Assert.Equal(2, loader.Count);
        Assert.Equal([3L, 3L], loader.Select(batch => batch["square"].size(0)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Shuffled_examples_come_each_once_and_with_a_seed_in_one_order(int workers)
    {
        using var scope = NewDisposeScope();
        long[] Order(int? seed)
        {
            using var loader = utils.data.DataLoader(new Squares(50), 8, shuffle: true, seed: seed, num_worker: workers);
            return [.. loader.SelectMany(batch => batch["number"].data<long>().ToArray())];
        }
        var first = Order(3);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), first.Order());
        Assert.NotEqual(first.Order(), first);
        Assert.Equal(first, Order(3));
        Assert.NotEqual(first, Order(4));
        Assert.Equal(first, new FisherYatesShuffler(50, 3));
    }

    [Fact]
    public void A_batch_is_freed_when_the_next_is_asked_for_and_the_examples_at_once()
    {
        using var outer = NewDisposeScope();
        using var loader = utils.data.DataLoader(new Squares(40), 4, num_worker: 2);
        var before = Runtime.LiveTensors;
        Dictionary<string, Tensor>? last = null;
        foreach (var batch in loader)
        {
            if (last is not null)
                Assert.All(last.Values, tensor => Assert.True(tensor.IsInvalid));
            Assert.Equal(before + 2, Runtime.LiveTensors);
            last = batch;
        }
        Assert.Equal(before, Runtime.LiveTensors);
    }

    [Fact]
    public void Batches_can_be_kept_and_the_order_given()
    {
        using var scope = NewDisposeScope();
        var data = new Squares(10);
        using (var loader = utils.data.DataLoader(data, 2, [9L, 1L, 5L], disposeBatch: false, disposeDataset: false))
        {
            var batches = loader.ToList();
            Assert.Equal([9, 1, 5], batches.SelectMany(batch => batch["number"].data<long>().ToArray()));
            foreach (var tensor in batches.SelectMany(batch => batch.Values))
                tensor.Dispose();
        }
        Assert.False(data.Disposed);
        utils.data.DataLoader(data, 2).Dispose();
        Assert.True(data.Disposed);
    }

    [Fact]
    public void An_error_in_the_data_set_comes_out_and_leaks_nothing()
    {
        using var scope = NewDisposeScope();
        using var loader = utils.data.DataLoader(new Squares(5, broken: 3), 5);
        var before = Runtime.LiveTensors;
        Assert.Throws<InvalidDataException>(() => loader.ToList());
        Assert.Equal(before, Runtime.LiveTensors);
        Assert.Throws<ArgumentException>(() => utils.data.TensorDataset(zeros(2), zeros(3)));
        Assert.Throws<ArgumentNullException>(() => utils.data.TensorDataset());
    }

    private sealed class Squares(long count, long broken = -1) : utils.data.Dataset
    {
        public bool Disposed { get; private set; }

        public override long Count => count;

        public override Dictionary<string, Tensor> GetTensor(long index)
        {
            if (index == broken)
                throw new InvalidDataException("broken");
            var number = tensor(index);
            return new() { ["number"] = number, ["square"] = number * number };
        }

        protected override void Dispose(bool disposing)
        {
            Disposed = true;
            base.Dispose(disposing);
        }
    }
}
