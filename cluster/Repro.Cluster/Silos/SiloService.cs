using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Repro.Cluster.Grains;
using Repro.Studies.Scheduling;
using Repro.Workers.Hosts;
using Repro.Workers.Silos;

namespace Repro.Cluster.Silos;

/// <summary>A silo's slots at work, and its word to the queue that it is alive.</summary>
internal sealed class SiloService : BackgroundService
{
    private static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(1), LongestLook = TimeSpan.FromSeconds(2);

    private readonly SiloSettings _settings;
    private readonly IGrainFactory _grains;
    private readonly IClusterMembershipService _members;
    private readonly TimeProvider _time;
    private readonly ILogger<SiloService> _log;
    private readonly SiloSlots _slots;
    private readonly SiloMetrics _metrics;
    private readonly DateTimeOffset _started;
    private readonly Dictionary<string, SiloSlot> _offers;
    private readonly Signal _beatNow = new();

    public SiloService(
        SiloSettings settings, IGrainFactory grains, ILocalSiloDetails self, IClusterMembershipService members, TimeProvider time, ILogger<SiloService> log, SiloEnd end)
    {
        (_settings, _grains, _members, _time, _log, End) = (settings, grains, members, time, log, end);
        Host = HostName.Of(settings.Name, self.SiloAddress);
        _started = time.GetUtcNow();
        _offers = SlotOffers.Of(settings.Slots, settings.Labels).ToDictionary(slot => slot.Name);
        _slots = new SiloSlots(settings.Slots, new GrainWork(grains, Host, time), settings.Prepare, Saw, settings.Pace, time);
        _metrics = new SiloMetrics(Host, () => _slots.Slots);
        end.Died.Register(_slots.End);
    }

    /// <summary>The silo's name in the logs of sweeps.</summary>
    public string Host { get; }

    public SiloEnd End { get; }

    /// <summary>Whether no slot is left that gets work.</summary>
    public bool IsGivenUp => Slots.All(slot => slot.Slot.GivenUp is not null);

    public IReadOnlyList<SiloSlotSnapshot> Slots => _slots.Slots;

    /// <inheritdoc cref="SiloSlots.StandingOf"/>
    public RunStanding? StandingOf(string sweep, RunAttempt run) => _slots.StandingOf(sweep, run);

    /// <summary>Asks whether an attempt that trains here is still its run's, and ends it where it is not.</summary>
    public async Task Look(string sweep, RunAttempt run)
    {
        // Whoever asked does not wait for a sweep that is decided for nowhere; the slots look by themselves too.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(End.Died);
        limit.CancelAfter(LongestLook);
        try
        {
            foreach (var lost in await new GrainDecisions(_grains, sweep, Host, _time, limit.Token).Lost([run])) _slots.Drop(sweep, lost);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            _log.SweepNotLookedAt(sweep, "It is decided for nowhere now.");
        }
    }

    /// <summary>Ends what still trains, without another word: it goes on elsewhere from what was recorded.</summary>
    /// <returns>How many runs it cut off.</returns>
    public int CutOff()
    {
        var training = Training().ToList();
        _slots.End();
        foreach (var (sweep, run) in training) _log.RunCutOff(sweep, run.Run, run.Attempt, _settings.DrainPatience.TotalSeconds);
        return training.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(End.Died);
        if (_log.IsEnabled(LogLevel.Information)) _log.SiloOffers(Host, string.Join(", ", _settings.Slots.Select(slot => slot.Name)));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, End.Died);
        await using var leaving = stop.Token.Register(_beatNow.Raise);
        var others = Task.WhenAll(Beat(stop.Token, over.Token), WatchMembership(over.Token));
        try
        {
            await _slots.Run(stop.Token);
            if (IsGivenUp) End.Leave();
        }
        finally
        {
            await over.CancelAsync();
            await others;
            await _slots.DisposeAsync();
            _metrics.Dispose();
        }
    }

    private async Task Beat(CancellationToken leaves, CancellationToken over)
    {
        var drained = false;
        while (!over.IsCancellationRequested)
        {
            var now = _beatNow.Next;
            try
            {
                Wire<SiloReport> report = new SiloReport(Host, _started, _settings.Labels, _slots.Slots.Select(Offer).ToList()) { Leaves = leaves.IsCancellationRequested, Drained = drained };
                var answer = (await Patience.Ask(() => _grains.GetGrain<IQueueGrain>(0).Beat(report), _time, over, limit: BeatEvery)).Value;
                // What has trained for a beat is reached by a grain of its own, which is told again and again: a worker's work is no call, and would not keep it.
                foreach (var (sweep, run) in Training()) Begin(sweep, run);
                if (answer is { Accepted: true, Drained: true } && !drained)
                {
                    drained = true;
                    _log.SiloDrains(Host);
                    End.Leave();
                }
            }
            catch (Exception) when (over.IsCancellationRequested)
            {
                return;
            }
            catch (Exception passing) when (Patience.IsPassing(passing))
            {
                // The queue's grain is being found anew, or this silo is cut off: it beats again in a moment.
            }
            catch (Exception error)
            {
                // A silo that says nothing any more would be given nothing, and nobody would know why.
                _log.BeatRefused(error.Message);
            }
            await Task.WhenAny(now, Task.Delay(BeatEvery, _time, over).ContinueWith(_ => { }, TaskScheduler.Default));
        }
    }

    // Whoever sees a silo die says so at once: the queue's next look may be seconds away.
    private async Task WatchMembership(CancellationToken over)
    {
        try
        {
            await foreach (var snapshot in _members.MembershipUpdates.WithCancellation(over))
            {
                if (snapshot.Members.Values.All(member => member.Status != SiloStatus.Dead)) continue;
                try
                {
                    await _grains.GetGrain<IQueueGrain>(0).Look().WaitAsync(over);
                }
                catch (Exception error) when (!over.IsCancellationRequested)
                {
                    // The queue looks by itself too.
                    _log.QueueNotTold(error.Message);
                }
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The silo ends.
        }
    }

    private SiloSlot Offer(SiloSlotSnapshot slot) => _offers[slot.Slot.Slot.Name] with { Serves = slot.Sweep, GivenUp = slot.Slot.GivenUp };

    private IEnumerable<(string Sweep, RunAttempt Run)> Training() =>
        _slots.Slots.Where(slot => slot is { Sweep: not null, Slot.Run: not null }).Select(slot => (slot.Sweep!, new RunAttempt(slot.Slot.Run!.Run, slot.Slot.Run.Attempt)));

    private void Saw(string? sweep, HostEvent happened)
    {
        switch (happened)
        {
            case RunTaken taken:
                _metrics.Started();
                _log.RunTaken(sweep, taken.Assignment.Run, taken.Assignment.Attempt, taken.Slot);
                break;
            case RunEnded ended:
                _metrics.Ended(ended.State, ended.Failure);
                _log.RunEnded(sweep, ended.Run, ended.Attempt, ended.Slot, ended.State.ToString().ToLowerInvariant(), ended.Message is { } message ? $" {message}" : "");
                break;
            case HostSaid said:
                _log.HostSaid(said.Run is { } run ? $"{sweep} {run}" : sweep, said.Text);
                break;
            case SlotGivenUp given:
                _log.SlotGivenUp(given.Why);
                break;
        }
    }

    // The run does not depend on it: it is how others reach the run.
    private void Begin(string sweep, RunAttempt run) =>
        _grains.GetGrain<IRunGrain>(RunGrainKey.Of(sweep, run)).Begin(Host).ContinueWith(
            failed => _log.RunGrainNotTold(sweep, run.Run, failed.Exception),
            CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
