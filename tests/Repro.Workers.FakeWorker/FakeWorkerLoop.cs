using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.Protocol;

namespace Repro.Workers.FakeWorker;

/// <summary>A worker that trains nothing: the protocol, milliseconds, and the faults that a test asks for.</summary>
public sealed partial class FakeWorkerLoop
{
    private const int StopSignal = 19; // SIGSTOP on Linux

    private readonly BlockingCollection<HostMessage> _orders = [];
    private readonly TextWriter _output;

    private FakeWorkerLoop(TextWriter output) => _output = output;

    public static int Run(TextReader input, TextWriter output)
    {
        var worker = new FakeWorkerLoop(output);
        new Thread(() =>
        {
            while (input.ReadLine() is { } line) worker._orders.Add(ProtocolText.ReadHost(line));
            // The host is gone, or wants no more.
            Environment.Exit(0);
        }) { IsBackground = true }.Start();
        worker.Say(new ReadyMessage(Environment.ProcessId));
        foreach (var order in worker._orders.GetConsumingEnumerable())
        {
            if (order is TrainMessage train) worker.Train(train);
        }
        return 0;
    }

    private void Say(WorkerMessage message)
    {
        _output.WriteLine(ProtocolText.Write(message));
        _output.Flush();
    }

    private void Train(TrainMessage train)
    {
        var options = FakeOptions.Of(train.Options);
        var from = train.Checkpoints.Select(c => FakeTraining.Load(c.File, c.Sha256)).OfType<FakeTraining>().FirstOrDefault();
        Say(new StartedMessage(from?.Step));
        var training = from ?? FakeTraining.Begin(train.Seed);
        Console.Error.WriteLine($"training {train.Run} with {train.Threads} threads on {train.Device} {Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES")}".TrimEnd());
        var (saved, mark) = (training.Step, new FakeMark(train.Attempt, Environment.ProcessId));
        while (training.Step < options.Steps)
        {
            Say(new ProgressMessage("training", training.Step, options.Steps, 100, 1 << 20));
            if (training.Step == options.FaultAt && train.Attempt <= options.FaultyAttempts && Fail(options.Fault, train)) return;
            // A step takes so long, unless it is told to stop.
            if (_orders.TryTake(out var order, options.StepMilliseconds) && order is StopMessage)
            {
                if (training.Step != saved) Save(training, train);
                Say(new PausedMessage(training.Step));
                return;
            }
            training.Advance();
            // The seed alone decides the values; the offset only ranks trials.
            Say(new MetricsMessage([
                new MetricPoint("loss", training.Step, training.Loss + options.Offset, training.Step),
                .. Enumerable.Range(1, options.Points - 1).Select(i => new MetricPoint($"loss_{i}", training.Step, training.Loss, training.Step)),
                .. options.Marks ? [new MetricPoint(FakeMark.Metric, training.Step, mark.Value, training.Step)] : Array.Empty<MetricPoint>()]));
            if (training.Step % options.CheckpointEvery == 0 || training.Step == options.Steps)
            {
                Save(training, train);
                saved = training.Step;
            }
        }
        var scores = new Dictionary<string, double> { ["loss"] = training.Loss + options.Offset };
        if (!train.TestIsSealed) scores["test_loss"] = training.Loss;
        if (options.Marks) scores[FakeMark.Metric] = mark.Value;
        Say(new CompletedMessage(training.Step, scores));
    }

    private void Save(FakeTraining training, TrainMessage train)
    {
        var file = Path.Combine(train.Folder, $"step-{training.Step:000000000}.safetensors");
        var (digest, bytes) = training.Save(file);
        Say(new CheckpointMessage(training.Step, file, digest, bytes));
    }

    /// <returns>Whether the run is over.</returns>
    private bool Fail(string fault, TrainMessage train)
    {
        switch (fault)
        {
            case "abort":
                Console.Error.WriteLine("terminate called after throwing an instance of 'fake'");
                Abort();
                return true;
            case "exit":
                Environment.Exit(3);
                return true;
            case "kill":
                Process.GetCurrentProcess().Kill();
                return true;
            case "freeze":
                Say(new SentenceMessage("freezing"));
                return SendSignal(Environment.ProcessId, StopSignal) == 0;
            case "garbage":
                _output.WriteLine("MKL INFO: something printed where nothing must be");
                _output.Flush();
                return false;
            case "nan":
                Say(new FailedMessage(FailureClass.NotFinite, "The training loss became NaN."));
                return true;
            case "oom":
                Say(new FailedMessage(FailureClass.OutOfMemory, "CUDA out of memory."));
                return true;
            case "bug":
                Say(new FailedMessage(FailureClass.Bug, "Something nobody thought of."));
                return true;
            case "machine":
                Say(new FailedMessage(FailureClass.Machine, "No space is left on the device."));
                return true;
            case "hold":
                // Trains on when it is told to stop, which it then does.
                Say(new SentenceMessage("holding"));
                _orders.Add(_orders.Take());
                return false;
            case "deaf":
                Say(new SentenceMessage("deaf"));
                new ManualResetEvent(false).WaitOne();
                return true;
            default:
                return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "abort")]
    private static partial void Abort();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
