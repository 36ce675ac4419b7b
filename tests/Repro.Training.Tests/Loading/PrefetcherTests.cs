using System.Collections.Concurrent;
using Repro.Training.Loading;

namespace Repro.Training.Tests.Loading;

public class PrefetcherTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Items_arrive_in_order_whatever_the_number_of_threads(int threads)
    {
        using var prefetcher = new Prefetcher<long>(index => index * index, 3, 500, 7, threads, TimeProvider.System);
        for (var i = 3L; i < 500; i++) Assert.Equal(i * i, prefetcher.Take());
        Assert.Throws<InvalidOperationException>(() => prefetcher.Take());
    }

    [Fact]
    public void No_more_items_are_made_ahead_than_allowed()
    {
        var made = new BlockingCollection<long>();
        using var prefetcher = new Prefetcher<long>(index => { made.Add(index); return index; }, 0, 100, 3, 2, TimeProvider.System);
        for (var i = 0; i < 3; i++) made.Take();
        // The bound is kept by not claiming an index, so a fourth item can only be made after one was taken.
        Assert.Empty(made);
        prefetcher.Take();
        Assert.Equal(3, made.Take());
        Assert.Empty(made);
    }

    [Fact]
    public void A_slow_item_does_not_let_a_later_one_overtake_it()
    {
        using var release = new ManualResetEventSlim();
        using var second = new ManualResetEventSlim();
        using var prefetcher = new Prefetcher<long>(
            index =>
            {
                if (index == 0) release.Wait();
                else if (index == 1) second.Set();
                return index;
            },
            0, 2, 2, 2, TimeProvider.System);
        second.Wait();
        release.Set();
        Assert.Equal(0, prefetcher.Take());
        Assert.Equal(1, prefetcher.Take());
    }

    [Fact]
    public void An_exception_reaches_the_taker_of_its_item_and_nobody_else()
    {
        using var prefetcher = new Prefetcher<long>(
            index => index == 2 ? throw new InvalidDataException("record 2 is short") : index, 0, 5, 5, 1, TimeProvider.System);
        Assert.Equal(0, prefetcher.Take());
        Assert.Equal(1, prefetcher.Take());
        Assert.Equal("record 2 is short", Assert.Throws<InvalidDataException>(() => prefetcher.Take()).Message);
        Assert.Equal(3, prefetcher.Take());
    }

    [Fact]
    public void Items_that_were_never_taken_are_disposed()
    {
        using var allMade = new CountdownEvent(4);
        var disposed = new ConcurrentBag<long>();
        var prefetcher = new Prefetcher<Item>(index => { allMade.Signal(); return new Item(index, disposed); }, 0, 4, 4, 1, TimeProvider.System);
        allMade.Wait();
        prefetcher.Take();
        prefetcher.Dispose();
        Assert.Equal([1L, 2, 3], disposed.Order());
        Assert.Throws<ObjectDisposedException>(() => prefetcher.Take());
        prefetcher.Dispose();
    }

    [Fact]
    public void Disposing_wakes_a_thread_that_waits_for_room()
    {
        using var made = new ManualResetEventSlim();
        var prefetcher = new Prefetcher<long>(index => { made.Set(); return index; }, 0, 100, 1, 3, TimeProvider.System);
        made.Wait();
        prefetcher.Dispose();
    }

    [Fact]
    public void Only_waiting_counts_as_waiting()
    {
        var time = new SteppedTime();
        using var release = new ManualResetEventSlim();
        using var prefetcher = new Prefetcher<long>(
            index =>
            {
                if (index != 1) return index;
                release.Wait();
                time.Advance(TimeSpan.FromSeconds(5));
                return index;
            },
            0, 2, 1, 1, time);
        // Item 1 is begun only when item 0 was taken, and takes five seconds while its taker waits.
        prefetcher.Take();
        var before = prefetcher.Waited;
        time.WhenNextRead(release.Set);
        prefetcher.Take();
        Assert.Equal(TimeSpan.FromSeconds(5), prefetcher.Waited - before);
    }

    [Fact]
    public void Taking_what_is_ready_costs_no_time()
    {
        using var made = new CountdownEvent(3);
        var time = new SteppedTime();
        using var prefetcher = new Prefetcher<long>(index => { made.Signal(); return index; }, 0, 3, 3, 1, time);
        made.Wait();
        // The last signal comes just before its item is stored; the first two are stored for certain.
        time.WhenNextRead(() => time.Advance(TimeSpan.FromHours(1)));
        prefetcher.Take();
        prefetcher.Take();
        Assert.Equal(TimeSpan.Zero, prefetcher.Waited);
    }

    private sealed class Item(long index, ConcurrentBag<long> disposed) : IDisposable
    {
        public void Dispose() => disposed.Add(index);
    }
}
