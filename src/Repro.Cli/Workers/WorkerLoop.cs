using System.Collections.Concurrent;
using Repro.Cli.Verbs;
using Repro.Studies.Options;
using Repro.Workers;
using Repro.Workers.Hosts;
using Repro.Workers.Protocol;

namespace Repro.Cli.Workers;

/// <summary>What a worker does, in a process of its own or in the host's: trains one run after another, as it is told.</summary>
internal sealed class WorkerLoop(Surroundings surroundings, Action<WorkerMessage> say)
{
    private readonly BlockingCollection<TrainMessage> _orders = [];
    private readonly Lock _lock = new();
    private CancellationTokenSource? _stop;
    private (string Run, int Attempt) _training, _stopped;
    private bool _isEnding;

    /// <summary>
    /// Workers that train in the host's own process, for a debugger. The engine has one generator and one number of threads a process, so only one run at
    /// a time can be trained there: a host with one slot.
    /// </summary>
    public static IWorker InProcess(Surroundings surroundings) => new InProcessWorker((orders, say) =>
    {
        var loop = new WorkerLoop(surroundings, say);
        new Thread(() =>
        {
            while (orders.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (orders.TryRead(out var order)) loop.Take(order);
            }
            loop.End();
        }) { IsBackground = true, Name = "orders" }.Start();
        loop.Run();
    });

    /// <summary>Trains on this thread, until <see cref="End"/>.</summary>
    public void Run()
    {
        say(new ReadyMessage(Environment.ProcessId));
        foreach (var order in _orders.GetConsumingEnumerable()) Train(order);
    }

    /// <summary>Takes a message of the host; from any thread.</summary>
    public void Take(HostMessage message)
    {
        switch (message)
        {
            case TrainMessage train:
                // What was stopped before is over; a run of another sweep may have the same number.
                lock (_lock) _stopped = default;
                // An ending worker takes no more: the host sees its end.
                if (!_orders.IsAddingCompleted) _orders.Add(train);
                break;
            case StopMessage stop:
                lock (_lock)
                {
                    _stopped = (stop.Run, stop.Attempt);
                    if (_training == _stopped) _stop?.Cancel();
                }
                break;
        }
    }

    /// <summary>Checkpoints what is being trained, and ends.</summary>
    public void End()
    {
        lock (_lock)
        {
            _isEnding = true;
            _orders.CompleteAdding();
            _stop?.Cancel();
        }
    }

    private void Train(TrainMessage order)
    {
        using var stop = new CancellationTokenSource();
        lock (_lock)
        {
            (_training, _stop) = ((order.Run, order.Attempt), stop);
            if (_isEnding || _stopped == _training) stop.Cancel();
        }
        try
        {
            var experiment = ChosenExperiment.Find(surroundings, order.Experiment);
            var profile = ChosenExperiment.FindProfile(experiment, order.Profile);
            var chosen = ChosenExperiment.From(experiment, profile, OptionSchema.Apply(profile.Options, order.Options));
            say(new WorkerRun(surroundings, order, chosen, say).Execute(stop.Token));
        }
        catch (Exception error)
        {
            Console.Error.WriteLine(error);
            say(WorkerFailures.Describe(error));
        }
        finally
        {
            lock (_lock) _stop = null;
        }
    }
}
