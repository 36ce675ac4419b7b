using System.Runtime.CompilerServices;
using Repro.Studies.Options;
using Repro.Studies.Runs;
using Repro.Training;
using Repro.Training.Datasets;

namespace Repro.Experiments.Tests;

/// <summary>A process trains one run after another: what a run held must not stay.</summary>
public sealed class ReleaseTests
{
    [Theory]
    [InlineData("resnet")]
    [InlineData("lenet")]
    [InlineData("airbench")]
    public void Nothing_of_a_run_is_held_when_it_is_over(string experiment)
    {
        var made = new WeakReference(null);
        Train(experiment, made);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(made.IsAlive);
    }

    [SkippableFact]
    public void Nor_is_the_data_set_that_it_read()
    {
        var read = new WeakReference(null);
        TrainOnFiles(read);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(read.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void TrainOnFiles(WeakReference read)
    {
        var data = DataFolders.FromEnvironment(null);
        Skip.If(DatasetRegistry.Find("cifar-10").Find(data) is null, "CIFAR-10 is in no data folder.");
        var experiment = Catalog.All.Single(e => e.Name == "resnet");
        var options = OptionSchema.Apply(experiment.Profiles.Single(p => p.Name == "sweep").Options, [KeyValuePair.Create("steps", "1"), KeyValuePair.Create("depth", "8")]);
        var context = new RunContext { Threads = 1, TestIsSealed = true, Data = data with { Loaded = set => read.Target = ((ImageDataset)set).Train.Pixels } };
        Assert.Equal(RunState.Completed, Trainer.Run(experiment, options, context, new RecordingSink(), [], CancellationToken.None).State);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Train(string name, WeakReference made)
    {
        var experiment = Catalog.All.Single(e => e.Name == name);
        var options = OptionSchema.Apply(experiment.Profiles.Single(p => p.Name == "smoke").Options, [KeyValuePair.Create("steps", "2")]);
        var outcome = Trainer.Run(new Watched(experiment, made), options, new RunContext { Threads = 1 }, new RecordingSink(), [], CancellationToken.None);
        Assert.Equal(RunState.Completed, outcome.State);
    }

    /// <summary>Passes everything on, and remembers the task weakly.</summary>
    private sealed class Watched(Experiment inner, WeakReference made) : Experiment
    {
        public override string Name => inner.Name;

        public override string Title => inner.Title;

        public override IReadOnlyList<Profile> Profiles => inner.Profiles;

        public override Type OptionsType => inner.OptionsType;

        public override string MainMetric => inner.MainMetric;

        public override IReadOnlyList<string> DataSets(object options) => inner.DataSets(options);

        public override TrainingTask CreateTask(object options, RunContext context)
        {
            var task = inner.CreateTask(options, context);
            made.Target = task;
            return task;
        }

        public override Repro.Training.Checks.Recipe CreateRecipe(object options, RunContext context) => inner.CreateRecipe(options, context);
    }
}
