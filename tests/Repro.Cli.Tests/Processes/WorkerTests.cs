using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Repro.Results.Provenance;
using Repro.Studies.Formats;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.Protocol;
using Repro.Workers;

namespace Repro.Cli.Tests.Processes;

/// <summary><c>repro worker</c> in a process of its own, spoken to as a host does.</summary>
public sealed partial class WorkerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-test-").FullName;
    private readonly ConcurrentQueue<string> _printed = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_real_run_that_was_paused_and_resumed_by_one_worker_has_the_bits_of_an_undisturbed_one()
    {
        await using var worker = Shipped();
        var undisturbed = await Train(worker, ResNet("whole", 1));
        Assert.Equal(60, Assert.IsType<CompletedMessage>(undisturbed.Ending).Step);

        var first = await Train(worker, ResNet("paused", 1), message => message is CheckpointMessage { Step: > 0 });
        var paused = Assert.IsType<PausedMessage>(first.Ending);
        Assert.InRange(paused.Step, 1, 59);
        Assert.Equal(paused.Step, first.Checkpoints[^1].Step);
        var second = await Train(worker, ResNet("paused", 2) with { Checkpoints = first.Checkpoints.AsEnumerable().Reverse().ToList() });
        Assert.Equal(new StartedMessage(paused.Step), second.Messages[0]);

        var together = first.Points.Where(point => point.Step <= paused.Step).Concat(second.Points);
        Assert.Equal(Bits(undisturbed.Points), Bits(together));
        Assert.Equal(Bits(undisturbed.Scores), Bits(second.Scores));
        Assert.Equal(FinalTensors(undisturbed), FinalTensors(second));
        Assert.DoesNotContain(second.Scores.Keys, name => name.StartsWith("test", StringComparison.Ordinal));
        Assert.DoesNotContain(second.Messages, message => message is SentenceMessage { Text: var text } && text.Contains("other conditions", StringComparison.Ordinal));
        Assert.InRange(AttemptEnvironment.Read(Path.Combine(_folder, "paused", "attempt-2"))!.Environment.PeakMemoryBytes, 10_000_000, long.MaxValue);
        Assert.Equal(["predictions-validation.safetensors"], Directory.GetFiles(Path.Combine(_folder, "paused", "attempt-2"), "predictions-*").Select(Path.GetFileName));

        // A worker knows of no store, and of no cluster. (Debian's libtorch itself links SQLite, by way of other libraries.)
        var loaded = File.ReadAllText($"/proc/{worker.ProcessId}/maps");
        Assert.Contains("libtorch", loaded, StringComparison.Ordinal);
        Assert.Contains("Repro.Results.dll", loaded, StringComparison.Ordinal);
        foreach (var driver in (string[])["Microsoft.Data.Sqlite", "SQLitePCL", "e_sqlite3", "Npgsql", "/Orleans.", "/Microsoft.AspNetCore."]) Assert.DoesNotContain(driver, loaded, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_checkpoint_that_is_not_the_one_recorded_is_left_for_the_one_before()
    {
        await using var worker = Fake();
        var first = await Train(worker, Net(1));
        Assert.Equal([2L, 4, 6], first.Checkpoints.Select(c => c.Step));
        File.Copy(first.Checkpoints[0].File, first.Checkpoints[2].File, overwrite: true);
        File.Delete(first.Checkpoints[1].File);
        var second = await Train(worker, Net(2) with { Checkpoints = first.Checkpoints.AsEnumerable().Reverse().ToList() });
        Assert.Equal(2, second.Messages.OfType<StartedMessage>().Single().From);
        Assert.Equal(2, second.Messages.OfType<SentenceMessage>().Count(said => said.Text.Contains("cannot be used", StringComparison.Ordinal)));
        Assert.Equal([3L, 4, 5, 6], second.Points.Where(point => point.Name == "train_loss").Select(point => point.Step));
    }

    [Theory]
    [InlineData("throw", FailureClass.Bug, "something nobody thought of (InvalidOperationException)")]
    [InlineData("bad_input", FailureClass.Bug, "labels.bin")]
    [InlineData("missing", FailureClass.Machine, "cifar-10 is not here")]
    [InlineData("diverge", FailureClass.NotFinite, "no number any more")]
    [InlineData("out_of_memory", FailureClass.OutOfMemory, "Tried to allocate")]
    public async Task A_failure_is_told_with_its_class_and_the_worker_trains_on(string fault, FailureClass failure, string message)
    {
        await using var worker = Fake();
        var failed = Assert.IsType<FailedMessage>((await Train(worker, Net(1, ("fault", fault)))).Ending);
        Assert.Equal(failure, failed.Class);
        Assert.Contains(message, failed.Message, StringComparison.Ordinal);
        Assert.IsType<CompletedMessage>((await Train(worker, Net(2))).Ending);
    }

    [Fact]
    public async Task An_order_that_makes_no_sense_fails_the_run_and_not_the_worker()
    {
        await using var worker = Fake();
        var failed = Assert.IsType<FailedMessage>((await Train(worker, Net(1, ("learning_rat", "1")))).Ending);
        Assert.Contains("learning_rate", failed.Message, StringComparison.Ordinal);
        Assert.IsType<CompletedMessage>((await Train(worker, Net(2))).Ending);
    }

    [Fact]
    public async Task What_is_printed_on_standard_output_goes_to_the_log_and_never_on_the_pipe()
    {
        await using (var worker = Fake()) Assert.IsType<CompletedMessage>((await Train(worker, Net(1, ("fault", "print")))).Ending);
        Assert.Contains("printed by .NET", _printed);
        Assert.Contains("printed natively", _printed);
    }

    [Fact]
    public async Task Metrics_come_before_the_checkpoint_that_rests_on_them()
    {
        await using var worker = Fake();
        var run = await Train(worker, Net(1));
        var measured = 0L;
        foreach (var message in run.Messages)
        {
            if (message is MetricsMessage metrics) measured = metrics.Points[^1].Step;
            if (message is CheckpointMessage checkpoint) Assert.Equal(checkpoint.Step, measured);
        }
        Assert.Equal(6, measured);
    }

    [Fact]
    public async Task Interrupts_of_the_terminal_are_the_hosts_and_a_request_to_terminate_pauses_the_run_and_ends_the_worker()
    {
        await using var worker = Fake();
        worker.Send(Net(1, ("fault", "hold")));
        var messages = new List<WorkerMessage>();
        // It has a checkpoint at its second step, and holds at the third.
        while (!messages.OfType<CheckpointMessage>().Any()) messages.Add(await worker.Messages.ReadAsync());
        Assert.Equal(0, SendSignal(worker.ProcessId!.Value, ReproProcess.Interrupt));
        Assert.Equal(0, SendSignal(worker.ProcessId!.Value, ReproProcess.HangUp));
        Assert.Equal(0, SendSignal(worker.ProcessId!.Value, ReproProcess.Terminate));
        await foreach (var message in worker.Messages.ReadAllAsync()) messages.Add(message);
        Assert.InRange(Assert.IsType<PausedMessage>(messages[^1]).Step, 2, 3);
        Assert.IsType<CheckpointMessage>(messages[^2]);
    }

    [Fact]
    public async Task A_worker_whose_host_is_gone_ends_whatever_it_does()
    {
        var worker = Fake();
        worker.Send(Net(1, ("fault", "hang")));
        while (await worker.Messages.ReadAsync() is not CheckpointMessage)
        {
        }
        var process = worker.ProcessId;
        // Closes its input, and waits for its end.
        await worker.DisposeAsync();
        Assert.False(Directory.Exists($"/proc/{process}/task"));
    }

    [Fact]
    public async Task A_worker_stands_back_behind_its_host()
    {
        await using var worker = Fake();
        await Train(worker, Net(1));
        Assert.Equal("500", File.ReadAllText($"/proc/{worker.ProcessId}/oom_score_adj").Trim());
        // After the name in brackets the state is the third field, the nice value the nineteenth.
        var fields = File.ReadAllText($"/proc/{worker.ProcessId}/stat").Split(") ")[1].Split(' ');
        Assert.True(int.Parse(fields[16]) >= 5, $"nice is {fields[16]}");
    }

    [Fact]
    public void No_person_is_offered_the_worker()
    {
        using var repro = new CommandLine();
        Assert.DoesNotContain("worker", repro.Bare("--help").Out, StringComparison.Ordinal);
    }

    private WorkerProcess Fake() => WorkerProcess.Start([ReproProcess.Dotnet, ReproProcess.Program, "worker"], new Dictionary<string, string>(), _printed.Enqueue);

    private WorkerProcess Shipped() => WorkerProcess.Start([ReproProcess.Dotnet, typeof(ReproProgram).Assembly.Location, "worker"], new Dictionary<string, string>(), _printed.Enqueue);

    private TrainMessage ResNet(string run, int attempt) => Order(run, attempt, "resnet", "smoke", ("steps", "60"));

    private TrainMessage Net(int attempt, params (string, string)[] options) => Order("net", attempt, "net", "quick", options);

    private TrainMessage Order(string run, int attempt, string experiment, string profile, params (string Name, string Value)[] options)
    {
        var folder = Path.Combine(_folder, run, $"attempt-{attempt}");
        Directory.CreateDirectory(folder);
        return new TrainMessage
        {
            Run = run, Attempt = attempt, Experiment = experiment, Profile = profile, Options = options.ToDictionary(o => o.Name, o => o.Value), Seed = 5, Device = "cpu",
            Threads = 1, Folder = folder, Checkpoints = [], CheckpointEvery = 0.05, TestIsSealed = true,
        };
    }

    /// <summary>Everything that is said of a run, up to its end; it is told to stop at the first message that is as wanted.</summary>
    private static async Task<Said> Train(WorkerProcess worker, TrainMessage order, Func<WorkerMessage, bool>? stopAt = null)
    {
        worker.Send(order);
        var messages = new List<WorkerMessage>();
        while (true)
        {
            var message = await worker.Messages.ReadAsync();
            if (message is ReadyMessage) continue;
            messages.Add(message);
            if (stopAt?.Invoke(message) ?? false)
            {
                worker.Send(new StopMessage(order.Run, order.Attempt));
                stopAt = null;
            }
            if (message is CompletedMessage or PausedMessage or FailedMessage) return new Said(messages);
        }
    }

    private static List<(string, long, long)> Bits(IEnumerable<MetricPoint> points) => points
        .Select(point => (point.Name, point.Step, BitConverter.DoubleToInt64Bits(point.Value))).Distinct().OrderBy(p => p.Step).ThenBy(p => p.Name, StringComparer.Ordinal).ToList();

    private static IEnumerable<(string, long)> Bits(IReadOnlyDictionary<string, double> scores) =>
        scores.OrderBy(score => score.Key, StringComparer.Ordinal).Select(score => (score.Key, BitConverter.DoubleToInt64Bits(score.Value)));

    private static Dictionary<string, string> FinalTensors(Said run)
    {
        Assert.Equal(60, run.Checkpoints[^1].Step);
        return CheckpointFile.Read(run.Checkpoints[^1].File).Tensors.Where(pair => !pair.Key.StartsWith("time.", StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key, pair => Convert.ToHexString(pair.Value.Bytes));
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    private sealed record Said(IReadOnlyList<WorkerMessage> Messages)
    {
        public WorkerMessage Ending => Messages[^1];

        public IReadOnlyList<MetricPoint> Points => Messages.OfType<MetricsMessage>().SelectMany(m => m.Points).ToList();

        public List<CheckpointMessage> Checkpoints => Messages.OfType<CheckpointMessage>().ToList();

        public IReadOnlyDictionary<string, double> Scores => Assert.IsType<CompletedMessage>(Ending).Scores;
    }
}
