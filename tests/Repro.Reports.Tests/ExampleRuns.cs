using Repro.Figures.Images;
using Repro.Reports.Papers;
using Repro.Reports.Runs;
using Repro.Results;
using Repro.Studies.Options;
using Repro.Studies.Randomness;
using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;
using Repro.Studies.StudyFiles;

namespace Repro.Reports.Tests;

/// <summary>A small experiment's options; the initial values are its paper's.</summary>
public sealed record ExampleOptions
{
    [Option("Layers with weights.", Min = 8, Max = 1202, Source = "section 4.2")]
    public int Depth { get; init; } = 20;

    [Option("Learning rate at the start.", Min = 0, Source = "section 4.2")]
    public double LearningRate { get; init; } = 0.1;

    [Option("Optimizer steps.", Min = 1, Source = "section 4.2")]
    public int Steps { get; init; } = 64000;

    [Option("Shortcut connections.", Source = "Figure 6")]
    public bool Residual { get; init; } = true;
}

/// <summary>Runs as a store gives them back.</summary>
public static class ExampleRuns
{
    public const string Card = """
        ---
        paper: resnet
        title: Deep Residual Learning for Image Recognition
        authors: Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun
        year: 2015
        source: arXiv:1512.03385
        experiment: resnet
        claims:
          - id: resnet20
            statement: ResNet-20 classifies CIFAR-10 with a test error of 8.75 %.
            stands: Table 6
            kind: value
            metric: test_error
            split: test
            value: 8.75
            unit: "%"
            options: {depth: 20, residual: true}
            tolerance: 0.35
            largest_n: 10
            study: depth
            scale: CIFAR-10, 50k training images, 64k steps
          - id: resnet110
            statement: ResNet-110 classifies CIFAR-10 with a test error of 6.61 %.
            stands: Table 6
            kind: value
            metric: test_error
            split: test
            value: 6.61
            spread: 0.16
            runs: 5
            unit: "%"
            options: {depth: 110, residual: true}
            tolerance: 0.3
            largest_n: 5
            scale: CIFAR-10, 50k training images, 64k steps
        ---
        ## What is done otherwise

        None that is known. The *per-pixel* mean is subtracted, see `x < y`.
        """;

    public static StudySubject Subject { get; } = new("resnet", [Profile("paper", new ExampleOptions()), Profile("quick", new ExampleOptions { Steps = 2000 })], OptionSchema.Of(typeof(ExampleOptions)), (_, _) => null);

    private static KeyValuePair<string, Configuration> Profile(string name, ExampleOptions options) =>
        KeyValuePair.Create(name, Configuration.Of(OptionSchema.Values(options).Select(o => KeyValuePair.Create(o.Key, OptionText.Write(o.Value)))));

    public static RunRecord Run(RunState state = RunState.Completed, int steps = 64000, ExampleOptions? options = null) => new()
    {
        Id = "resnet-20260901-7f3a",
        Experiment = "resnet",
        Profile = steps == 64000 ? "paper" : "quick",
        Options = OptionSchema.Values(options ?? new ExampleOptions { Steps = steps }).Select(o => KeyValuePair.Create(o.Key, OptionText.Write(o.Value))).ToList(),
        Seed = 1,
        Command = $"./repro run resnet --profile {(steps == 64000 ? "paper" : "quick")} --seed 1",
        Created = new DateTimeOffset(2026, 9, 1, 8, 30, 0, TimeSpan.Zero),
        State = state,
        Attempts = [Attempt(1, null, 2), Attempt(2, 1000, 4)],
        Metrics = Metrics(steps),
        Scores = state == RunState.Completed ? new Dictionary<string, double> { ["test_error"] = 8.93, ["test_loss"] = 0.412 } : new Dictionary<string, double>(),
        Messages = ["The data set was read from a folder given by hand."],
        Failure = state == RunState.Failed ? "The loss became NaN at step 1,204." : null,
        Checks =
        [
            new RecordedCheck("loss-at-init", "Is the first loss what the model declares?", 2.31, "2.303 ± 0.05", "passed", "Mean over 8 batches."),
            new RecordedCheck("augmented-batch", "Does a person see what the network should see?", double.NaN, "a picture", "look", "See the figure."),
        ],
        WaitingShare = state == RunState.Completed ? 0.0123 : null,
        Trained = TimeSpan.FromMinutes(553),
        Folder = "/runs/resnet-20260901-7f3a",
    };

    public static RunReportInput Input(RunRecord run) => new(run)
    {
        ExperimentTitle = "Residual networks on CIFAR-10",
        ProfileDescription = "The paper's own setting.",
        MainMetric = "test_error",
        Papers = [PaperCardReader.Parse(Card, "papers/resnet.md")],
        Subject = Subject,
        Examples =
        [
            new ExampleGroup("highest-loss", "The 12 test examples with the highest loss, highest first.",
                Enumerable.Range(0, 12).Select(i => (Image(i), $"cat, taken for dog (9{i % 10} %), loss {9 - i * 0.3:0.0}")).ToList()),
        ],
    };

    public static RunAttempt Attempt(int number, long? from, int threads, bool dirty = true) => new(
        number, new DateTimeOffset(2026, 9, 1, 8 + number, 30, 0, TimeSpan.Zero), from, from is null || threads == 2,
        new RunEnvironment
        {
            Commit = "0123456789abcdef0123456789abcdef01234567",
            Dirty = dirty,
            Engine = "Repro.Torch over libtorch 1.13.1",
            EngineBuild = "8c6bb2f0a1d94d0c",
            CpuCapability = "AVX2",
            Blas = "OpenBLAS 0.3.21",
            Cpu = "Example CPU 8-core",
            Device = "cpu",
            Threads = threads,
            OperatingSystem = "Debian GNU/Linux 12",
            DotNet = "10.0.1",
            DataSets = [new DataSetUsed("cifar-10", new string('a', 64), new string('b', 64), 60000)],
            PeakMemoryBytes = 812L << 20,
        },
        [new RecordedCheckpoint((from ?? 0) + 1000, "attempt-1/step-1000.ckpt", new string('c', 64), 1 << 22)])
    {
        Differences = from is null || threads == 2 ? [] : [$"threads 2 -> {threads}"],
    };

    private static List<MetricPoint> Metrics(int steps)
    {
        var random = new Philox(1, RandomPurpose.Report, 99);
        var points = new List<MetricPoint>();
        for (var i = 1; i <= 2000; i++)
        {
            var step = (long)i * steps / 2000;
            points.Add(new MetricPoint("train_loss", step, 0.02 + 2.2 * Math.Exp(-i / 250.0) + 0.02 * random.NextDouble(), i));
            if (i % 40 != 0) continue;
            points.Add(new MetricPoint("train_error", step, 0.3 + 60 * Math.Exp(-i / 300.0) + random.NextDouble(), i));
            points.Add(new MetricPoint("test_error", step, 8.6 + 50 * Math.Exp(-i / 300.0) + random.NextDouble(), i));
            points.Add(new MetricPoint("learning_rate", step, i < 1000 ? 0.1 : i < 1500 ? 0.01 : 0.001, i));
        }
        return points.OrderBy(p => p.Step).ThenBy(p => p.Name, StringComparer.Ordinal).ToList();
    }

    private static RgbImage Image(int seed)
    {
        var image = new RgbImage(32, 32);
        for (var y = 0; y < 32; y++)
        {
            for (var x = 0; x < 32; x++)
            {
                var at = (y * 32 + x) * 3;
                image.Pixels[at] = (byte)(x * 8);
                image.Pixels[at + 1] = (byte)(y * 8);
                image.Pixels[at + 2] = (byte)(128 + 100 * Math.Sin((x + y + seed * 5) * 0.4));
            }
        }
        return image;
    }
}
