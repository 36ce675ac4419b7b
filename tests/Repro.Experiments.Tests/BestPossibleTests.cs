using Repro.Experiments.Airbench;
using Repro.Experiments.LeNet;
using Repro.Experiments.ResNet;
using Repro.Studies.Runs;
using Repro.Training;
using Repro.Training.Datasets.Generated;

namespace Repro.Experiments.Tests;

/// <summary>What experiments say can be reached on their generated tasks at best. Where such a number comes from is tested with each task.</summary>
[Collection(OneGenerator.Name)]
public sealed class BestPossibleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-best-").FullName;

    private static readonly IReadOnlyList<Experiment> Experiments = [.. Catalog.All, new Trial.TrialExperiment()];

    public static TheoryData<string> Names => [.. Experiments.Select(e => e.Name)];

    /// <summary>Final metrics of held-out data without a best, by experiment.</summary>
    private static readonly Dictionary<string, string[]> Without = new()
    {
        // The best classifier is known, and not how sure it may be.
        ["resnet"] = ["validation_loss", "test_loss"], ["airbench"] = ["validation_loss", "test_loss"], ["lenet"] = ["validation_loss", "test_loss"], ["trial"] = ["validation_loss", "test_loss"],
        ["lstm"] = [],
        // The lowest of several estimates is below what can be expected of one.
        ["nanogpt"] = ["validation_best_sampled_loss"],
        ["transformer"] = [],
        // Floors are about the data; an error beside the exact noise is 0 at best, by what it is; samples are judged by the points of one split.
        ["ddpm"] = ["validation_frechet_distance", "validation_frechet_floor", "test_frechet_floor", "validation_noise_error", "test_noise_error"],
        // Coverage and sharpness are not the better the lower; of QICE, the energy score and the errors of a finite number of windows no expectation was derived.
        ["nsdiff"] = [.. from split in new[] { "validation", "test" } from score in new[] { "energy_score", "mse", "picp", "qice", "sharpness", "windows" } select $"{split}_{score}",
            .. from score in new[] { "crps", "crps_fair", "energy_score", "mse", "picp", "qice", "sharpness", "windows" } select $"test_released_{score}"],
    };

    /// <summary>
    /// For each quantity of a smoke run on held-out data, in its unit: by how much chance may make it better than the best that can be expected (three standard errors of the held-out
    /// examples or so), and by how much so short a training may leave it worse.
    /// </summary>
    private static readonly Dictionary<string, (double Chance, double Left)> Ranges = new()
    {
        // Guessing errs 90 %. 2,000 images, of which the best classifier misses a 20th: half a point is one standard error.
        ["resnet error"] = (1.5, 7), ["trial error"] = (1.5, 40), ["airbench error"] = (0.1, 40), ["lenet error"] = (1e-6, 45),
        // 10,000 symbols whose costs scatter by about a nat. One symbol of memory leaves 0.3 nats.
        ["lstm loss"] = (0.03, 0.1), ["lstm perplexity"] = (0.13, 0.4), ["nanogpt loss"] = (0.03, 0.12), ["nanogpt sampled_loss"] = (0.05, 0.14),
        // 200 sentences, whose noise is drawn for each.
        ["transformer loss"] = (0.1, 0.18), ["transformer perplexity"] = (0.2, 0.4), ["transformer bleu"] = (0, 4), ["transformer sacrebleu"] = (0, 4),
        // Windows overlap, so that a few dozen rows of the series decide: a fifth of about 0.3.
        ["nsdiff crps"] = (0.06, 0.15), ["nsdiff crps_fair"] = (0.06, 0.15), ["nsdiff begin_crps"] = (0.06, 0.15),
        ["ddpm bits_per_dim"] = (0.05, 0.2), ["ddpm loss"] = (0.04, 0.06), ["ddpm frechet_distance"] = (0.0003, 0.01),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_best_is_known_of_every_final_metric_that_has_one_on_generated_data_and_on_those_alone(string name)
    {
        var experiment = Experiments.Single(e => e.Name == name);
        var heldOut = experiment.Metrics.Where(metric => metric.Split('_')[0] is Splits.Validation or Splits.Test);
        Assert.Equal(heldOut.Except(Without[name]).Order(StringComparer.Ordinal), experiment.BestPossible(experiment.Profiles[0].Options).Keys.Order(StringComparer.Ordinal));
        Assert.Empty(experiment.BestPossible(Activator.CreateInstance(experiment.OptionsType)!));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_smoke_run_is_better_than_the_best_possible_by_chance_at_most_and_comes_near_it(string name)
    {
        var experiment = Experiments.Single(e => e.Name == name);
        var smoke = experiment.Profiles[0].Options;
        var outcome = Trainer.Run(experiment, smoke, new RunContext { Folder = _folder, Threads = 1, Seed = 1 }, new RecordingSink(), [], CancellationToken.None);
        Assert.Equal(RunState.Completed, outcome.State);
        foreach (var (metric, best) in experiment.BestPossible(smoke))
        {
            var quantity = metric[(metric.IndexOf('_', StringComparison.Ordinal) + 1)..];
            var (chance, left) = Ranges[$"{name} {quantity}"];
            var worse = (outcome.Scores[metric] - best) * (quantity.EndsWith("bleu", StringComparison.Ordinal) ? -1 : 1);
            Assert.True(worse >= -chance && worse <= left, $"{metric} is {outcome.Scores[metric]} where {best} is said to be the best possible: {worse} worse, and {-chance} to {left} are allowed.");
        }
    }

    [Theory]
    [InlineData("resnet")]
    [InlineData("airbench")]
    [InlineData("lenet")]
    public void The_best_possible_error_of_generated_images_is_what_the_classifier_that_knows_how_they_were_made_errs(string name)
    {
        var experiment = Experiments.Single(e => e.Name == name);
        var smoke = experiment.Profiles[0].Options;
        var parts = smoke switch
        {
            ResNetOptions resnet => ResNetTask.Open(resnet, new RunContext()), AirbenchOptions airbench => AirbenchTask.Open(airbench, new RunContext()),
            _ => LeNetExperiment.Open((LeNetOptions)smoke, new RunContext()),
        };
        foreach (var split in new[] { Splits.Validation, Splits.Test })
        {
            var images = (GeneratedImages)parts.Evaluated(split).Source;
            var (best, errs) = (experiment.BestPossible(smoke)[split + "_error"] / 100, images.ErrorOfBestClassifier());
            // Three standard errors of what was counted; where nothing was, of one error.
            var scatter = 3 * Math.Sqrt(Math.Max(errs, 1.0 / images.Count) / images.Count);
            Assert.InRange(best, errs - scatter, errs + scatter);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
