using System.Diagnostics;
using System.Threading.Channels;
using Repro.Results.Stores;
using Repro.Studies.StudyFiles;
using Repro.Studies.Sweeps;
using Repro.Workers;
using Repro.Workers.Hosts;
using Repro.Workers.Protocol;

namespace Repro.Benchmarks.Sweeps;

/// <summary>
/// How long a slot is without a run between two trials: from the host's reading that one is completed to its telling the same worker to train the next.
/// That the one was completed and the other was taken is then durable. Real workers, real training, a SQLite store on the disk.
/// </summary>
internal static class HandOverMeasure
{
    private const string Sweep = "hand-over";

    /// <returns>Milliseconds, one for each trial but the first of each slot.</returns>
    public static IReadOnlyList<double> Take(int trials)
    {
        var folder = Directory.CreateTempSubdirectory("repro-bench-").FullName;
        try
        {
            using var store = new SqliteStore(Path.Combine(folder, "sweeps.db"));
            var study = StudyFile.Read(
                $$"""
                experiment: resnet
                profile: smoke
                parameters:
                  learning_rate: log:1e-3..1e-1
                  steps: {role: fixed, value: 4}
                  evaluate: {role: fixed, value: validation}
                objective: {metric: validation_error, direction: minimize}
                budget: {trials: {{trials}}}
                """,
                "the study of the benchmark", subjects: null);
            new Coordinator(store, Sweep, study, host: null, TimeProvider.System).Decide([decision => decision.Create(1, paper: null)]);
            var milliseconds = new List<double>();
            var settings = new HostSettings
            {
                Folder = Path.Combine(folder, "runs"), Slots = Slots.OfThisMachine(Shared.LiveSweep.Slots, "cpu"), StoreLock = store.LockFolderOf(Sweep),
                StartWorker = (slot, log) => new TimedWorker(WorkerProcess.Start([LiveSweepMeasures.Program, "worker"], slot.Environment, log), milliseconds),
            };
            var outcome = new LocalHost(store, Sweep, study, settings).Run().GetAwaiter().GetResult();
            return outcome.End == HostEnd.Finished ? milliseconds : throw new InvalidOperationException($"The host ended: {outcome.End}. {string.Join(' ', outcome.Reasons)}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Notes when its host reads that a run is completed, and when it sends the next.</summary>
    private sealed class TimedWorker(IWorker worker, List<double> milliseconds) : IWorker
    {
        private readonly TimedReader _messages = new(worker.Messages);

        public ChannelReader<WorkerMessage> Messages => _messages;

        public int? ProcessId => worker.ProcessId;

        public void Send(HostMessage message)
        {
            if (message is TrainMessage && _messages.Completed is { } completed)
            {
                lock (milliseconds) milliseconds.Add(Stopwatch.GetElapsedTime(completed).TotalMilliseconds);
            }
            worker.Send(message);
        }

        public void Kill() => worker.Kill();

        public Task<FailedMessage> Ending() => worker.Ending();

        public ValueTask DisposeAsync() => worker.DisposeAsync();
    }

    private sealed class TimedReader(ChannelReader<WorkerMessage> messages) : ChannelReader<WorkerMessage>
    {
        public long? Completed { get; private set; }

        public override Task Completion => messages.Completion;

        public override bool TryRead(out WorkerMessage item)
        {
            if (!messages.TryRead(out item!)) return false;
            if (item is CompletedMessage) Completed = Stopwatch.GetTimestamp();
            return true;
        }

        public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => messages.WaitToReadAsync(cancellationToken);
    }
}
