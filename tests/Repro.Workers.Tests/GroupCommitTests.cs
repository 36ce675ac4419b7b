using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;

namespace Repro.Workers.Tests;

public sealed class GroupCommitTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly ThrowingStore _store;
    private readonly Coordinator _person;
    private readonly List<string?> _away = [];
    private readonly ManualResetEventSlim _noticed = new();
    private readonly ManualResetEventSlim _goOn = new(initialState: true);
    private readonly GroupCommit _decisions;

    public GroupCommitTests()
    {
        _store = new ThrowingStore(new MemoryStore(_time));
        var study = FakeHost.Study(trials: 1000);
        _person = new Coordinator(_store, "sweep", study, host: null, _time);
        _person.Decide([d => d.Create(7, null)]);
        _store.Renew("sweep", "host", TimeSpan.FromMinutes(10));
        _decisions = new GroupCommit(
            new Coordinator(_store, "sweep", study, "host", _time), _time, () => _store.Renew("sweep", "host", TimeSpan.FromMinutes(10)),
            why =>
            {
                lock (_away) _away.Add(why);
                _noticed.Set();
            });
    }

    public void Dispose()
    {
        _goOn.Set();
        _decisions.Dispose();
        _store.Dispose();
        _goOn.Dispose();
        _noticed.Dispose();
    }

    [Fact]
    public async Task What_waits_while_a_decision_is_written_is_written_together()
    {
        var before = _store.Decisions;
        HoldDecisions();
        var claims = Enumerable.Range(0, 100).Select(i => _decisions.Decide(d => d.Claim($"slot {i}"))).ToList();
        Assert.All(claims, claim => Assert.False(claim.IsCompleted));
        _goOn.Set();
        var runs = await Task.WhenAll(claims);
        Assert.Equal(Enumerable.Range(0, 100), runs.Select(run => run!.Run.Trial));
        // The first request goes alone, or with some that were there already; the rest in one.
        Assert.InRange(_store.Decisions - before, 1, 2);
    }

    [Fact]
    public async Task A_request_that_is_refused_fails_alone()
    {
        HoldDecisions();
        var first = _decisions.Decide(d => d.Claim("a"));
        var refused = _decisions.Decide(d =>
        {
            d.Claim("half of this request");
            d.CancelTrial(99);
            return 0;
        });
        var last = _decisions.Decide(d => d.Claim("b"));
        _goOn.Set();
        Assert.Equal((0, 1), ((await first)!.Run.Trial, (await last)!.Run.Trial));
        await Assert.ThrowsAsync<BadInputException>(() => refused);
        Assert.Equal(["a", "b"], _store.Read("sweep").OfType<RunStarted>().Select(started => started.Slot));
    }

    [Fact]
    public async Task While_the_store_is_away_requests_wait_and_are_written_once_when_it_is_back()
    {
        _store.IsAway = true;
        var claim = _decisions.Decide(d => d.Claim("a"));
        _noticed.Wait();
        for (var i = 0; i < 20; i++) _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(claim.IsCompleted);
        _store.IsAway = false;
        _time.AdvanceUntil(claim, TimeSpan.FromSeconds(5));
        Assert.Equal(0, (await claim)!.Run.Trial);
        lock (_away) Assert.Equal(["The disk is full.", null], _away);
        Assert.Single(_store.Read("sweep").OfType<RunStarted>());
    }

    [Fact]
    public async Task A_lease_that_ended_while_the_store_was_away_is_renewed_before_anything_is_tried_again()
    {
        _store.IsAway = true;
        var claim = _decisions.Decide(d => d.Claim("a"));
        _noticed.Wait();
        for (var i = 0; i < 60; i++) _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(_store.Alive("sweep"));
        _store.IsAway = false;
        _time.AdvanceUntil(claim, TimeSpan.FromSeconds(5));
        Assert.NotNull(await claim);
        Assert.Equal(["host"], _store.Alive("sweep"));
    }

    [Fact]
    public async Task A_host_without_its_lease_decides_nothing_more()
    {
        _store.Leave("sweep", "host");
        await Assert.ThrowsAsync<LeaseEndedException>(() => _decisions.Decide(d => d.Claim("a")));
        await Assert.ThrowsAsync<LeaseEndedException>(() => _decisions.Decide(d => d.Claim("b")));
        Assert.Empty(_store.Read("sweep").OfType<RunStarted>());
    }

    [Fact]
    public async Task What_waits_for_the_store_is_given_up_when_the_host_ends()
    {
        _store.IsAway = true;
        var claim = _decisions.Decide(d => d.Claim("a"));
        _noticed.Wait();
        _decisions.End(new OperationCanceledException("Enough."));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => claim);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _decisions.Decide(d => d.Claim("b")));
    }

    [Fact]
    public async Task What_several_runs_measured_is_in_the_store_when_their_reports_are_answered()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => _decisions.Decide(d => d.Claim($"slot {i}"))));
        await Task.WhenAll(runs.Select(run => Task.Run(async () =>
        {
            for (var step = 1; step <= 50; step++)
                await _decisions.Decide(d => d.Report(run!.Run, 1, [new MetricPoint("loss", step, run.Run.Trial, 0)], []));
        })));
        Assert.All(runs, run => Assert.Equal(Enumerable.Range(1, 50), _store.Metrics("sweep", run!.Run).Select(point => (int)point.Step)));
        Assert.True(_store.Decisions < 400, $"{_store.Decisions} decisions for 400 reports");
    }

    private void HoldDecisions()
    {
        _goOn.Reset();
        _store.BeforeDecision = _goOn.Wait;
    }
}
