using System.IO.Enumeration;
using Repro.Reports.Runs;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Studies.Pruners;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.StudyFiles;
using Repro.Studies.Sweeps;
using Repro.Training;

namespace Repro.Cli.Verbs.Sweeps;

/// <summary>Puts a command line's changes into a study, under the rules that hold for files.</summary>
internal static class StudyChange
{
    private const string DefaultProfile = "sweep";

    private const int MostTrials = 10_000_000, MostSeeds = 10_000;

    /// <summary>A study of an experiment that varies nothing yet: on validation, by the metric that the experiment is judged by.</summary>
    public static Study Empty(Experiment experiment, string? profile) => new()
    {
        Experiment = experiment.Name, Profile = Profile(experiment, profile), Space = new SearchSpace([]), Trials = 0, Objective = ObjectiveOf(experiment),
    };

    /// <summary>What an experiment is judged by, on validation.</summary>
    public static Objective ObjectiveOf(Experiment experiment)
    {
        var quantity = MetricWords.Of(experiment.MainMetric).Quantity;
        return new Objective($"validation_{quantity}", DirectionOf(quantity) ?? ObjectiveDirection.Minimize);
    }

    /// <exception cref="BadInputException">A change breaks a rule; states it with the value and the valid words.</exception>
    public static Study Apply(Experiment experiment, Study study, StudyChanges changes)
    {
        var subject = experiment.Subject;
        if (changes.Profile is { } profile) study = study with { Profile = Profile(experiment, profile) };
        if (changes.Arms.Count > 0) study = study with { Arms = Arms(study.Arms, changes.Arms) };
        study = Vary(Still(study, ChosenExperiment.Pairs(changes.Set), subject), changes.Vary, subject);
        study = study with
        {
            Seeds = InRange("--seeds", changes.Seeds, MostSeeds) ?? study.Seeds,
            Sampler = changes.Sampler is { } sampler ? Word("sampler", sampler, SamplerCatalog.Names) : study.Sampler,
            Pruner = changes.Pruner is { } pruner ? Word("pruner", pruner, PrunerCatalog.Names) : study.Pruner,
            Objective = Objective(study.Objective, changes),
            WallTime = changes.WallTime is { } time ? DurationText.Read(time) ?? throw new BadInputException($"--wall-time takes {DurationText.Rule}; it was '{time}'.") : study.WallTime,
            GpuHours = changes.GpuHours is { } hours ? hours > 0 && double.IsFinite(hours) ? hours : throw new BadInputException($"--gpu-hours takes a number above 0; it was {OptionText.Write(hours)}.") : study.GpuHours,
        };
        if (study.Arms.Count > 0 && study.Pruner != "none") throw new BadInputException($"An ablation compares whole runs, so it has no pruner: leave --pruner {study.Pruner} out.");
        if (study.Arms.Count == 0) study = Trials(study, subject, InRange("--trials", changes.Trials, MostTrials), changes.Sampler is not null);
        study = Sealed(study, experiment);
        RequireArmsDiffer(study, subject);
        return Rungs(study, experiment, changes.Pruner is not null);
    }

    private static string Profile(Experiment experiment, string? name) =>
        ChosenExperiment.FindProfile(experiment, name ?? (experiment.Profiles.Any(p => p.Name == DefaultProfile) ? DefaultProfile : experiment.Profiles[0].Name)).Name;

    private static List<AblationArm> Arms(IReadOnlyList<AblationArm> all, IReadOnlyList<string> patterns)
    {
        if (patterns.FirstOrDefault(pattern => !all.Any(arm => Matches(arm, pattern))) is { } lost)
            throw new BadInputException($"--arms: no arm is called '{lost}'. There are, nearest first: {string.Join(", ", NearestWords.Order(lost, all.Select(arm => arm.Name).ToList()))}. The baseline is always compared with.");
        return [.. all.Where(arm => patterns.Any(pattern => Matches(arm, pattern)))];

        static bool Matches(AblationArm arm, string pattern) => FileSystemName.MatchesSimpleExpression(pattern, arm.Name, ignoreCase: false);
    }

    /// <summary>What is set is varied no more.</summary>
    private static Study Still(Study study, List<KeyValuePair<string, string>> settings, StudySubject subject)
    {
        foreach (var (name, text) in settings)
        {
            study = study with
            {
                Fixed = study.Fixed.With(name, subject.Canonical(name, text)),
                Space = Space(study.Space.Parameters.Where(p => p.Name != name), study.Space),
            };
        }
        return study;
    }

    private static Study Vary(Study study, IReadOnlyList<string> ranges, StudySubject subject)
    {
        var seen = new HashSet<string>();
        foreach (var range in ranges)
        {
            var parameter = CompactForm.Parse(range);
            if (!seen.Add(parameter.Name)) throw new BadInputException($"--vary names the option '{parameter.Name}' twice; leave one of them out.");
            _ = subject.Require(parameter.Name);
            if (parameter is Categorical { Role: HyperparameterRole.Fixed, Values: [var only] })
            {
                study = Still(study, [KeyValuePair.Create(parameter.Name, only)], subject);
                continue;
            }
            // Another range for what the study searches already: it stays what it is to the question.
            var parameters = study.Space.Parameters.ToList();
            var at = parameters.FindIndex(p => p.Name == parameter.Name);
            if (at >= 0) parameters[at] = parameter with { Role = parameters[at].Role, Condition = parameters[at].Condition };
            else parameters.Add(parameter);
            study = study with
            {
                Fixed = Configuration.Of(study.Fixed.Settings.Where(s => s.Key != parameter.Name)),
                Space = Space(parameters, study.Space).For(subject.Options),
            };
        }
        return study;
    }

    private static SearchSpace Space(IEnumerable<Hyperparameter> parameters, SearchSpace before) => new([.. parameters], [.. before.Constraints.Select(c => c.Text)]);

    /// <summary>Where nobody says how many: every combination of a few choices, otherwise what the target of the plan needs; and the profile paper's besides.</summary>
    private static Study Trials(Study study, StudySubject subject, int? given, bool samplerGiven)
    {
        if (given is { } trials) return study with { Trials = trials };
        if (study.Trials > 0) return study;
        var combinations = study.Space.Parameters.All(p => p is Categorical) ? study.Space.Parameters.Aggregate(1.0, (all, p) => all * p.Count!.Value) : double.PositiveInfinity;
        return combinations <= SweepPlan.DrawsForTarget && (!samplerGiven || study.Sampler == "grid")
            ? study with { Sampler = "grid", Trials = (int)SamplerCatalog.Create("grid", study.Space, 0, subject.PaperIn(study.Space)).Count!.Value + 1 }
            : study with { Trials = (int)SweepPlan.DrawsForTarget + 1 };
    }

    /// <summary>Whatever the profile does: a search chooses on validation, and test is not computed. What a person set otherwise is refused later, with the reason.</summary>
    private static Study Sealed(Study study, Experiment experiment)
    {
        var needed = experiment.ForSearch(OptionSchema.Apply(ChosenExperiment.FindProfile(experiment, study.Profile).Options, study.Fixed.Settings));
        return study with { Fixed = Configuration.Of(needed.Settings.Concat(study.Fixed.Settings)) };
    }

    private static void RequireArmsDiffer(Study study, StudySubject subject)
    {
        foreach (var arm in study.Arms)
        {
            foreach (var (option, text) in arm.Changes.Settings)
            {
                if (text == (study.Fixed.TryGet(option, out var own) ? own : subject.ProfileValue(study.Profile, option)))
                    throw new BadInputException($"The arm '{arm.Name}' sets {option}={text}, and so does the baseline with these options: they would not differ. Leave --set {option}={text} out.");
            }
        }
    }

    /// <summary>A run's length is where halving ends. A pruner named on the command line decides twice before: after 1/eta^2 of it, and 1/eta.</summary>
    private static Study Rungs(Study study, Experiment experiment, bool prunerGiven)
    {
        if (study.Rungs.Most != long.MaxValue || StepsOf(experiment, study) is not { } steps) return study;
        var eta = study.Eta ?? 4;
        return study with { Rungs = (prunerGiven ? Studies.Pruners.Rungs.DefaultLeast(steps, eta) : Math.Min(study.Rungs.Least, steps), steps) };
    }

    /// <summary>Steps of the study's longest run; null where nobody knows.</summary>
    public static long? StepsOf(Experiment experiment, Study study)
    {
        var profile = ChosenExperiment.FindProfile(experiment, study.Profile).Options;
        return study.Arms.Select(arm => arm.Changes.Settings).Prepend([]).Max(changes => Steps(Longest(Configuration.Of(study.Fixed.Settings.Concat(changes)))));

        // Passes, members, the length itself: of each hyperparameter the end of its range, or the choice, with which a run is longest.
        Configuration Longest(Configuration fixedPart) => study.Space.Parameters.Aggregate(fixedPart, (setting, parameter) => Ends(parameter).Select(value => setting.With(parameter.Name, value)).MaxBy(Steps)!);

        static IEnumerable<string> Ends(Hyperparameter parameter) => parameter is Categorical choice ? choice.Values : [parameter.At(0), parameter.At(1)];

        long? Steps(Configuration setting) => experiment.Steps(OptionSchema.Apply(profile, setting.Settings));
    }

    private static Objective Objective(Objective before, StudyChanges changes)
    {
        var metric = changes.Metric ?? before.Metric;
        if (StudyRules.MetricComplaint(metric) is { } complaint) throw new BadInputException($"--metric cannot be that: {complaint}.");
        if (changes.Direction is { } word)
        {
            var words = Enum.GetValues<ObjectiveDirection>();
            return new Objective(metric, words.Single(d => OptionText.Write(d) == Word("direction", word, [.. words.Select(d => OptionText.Write(d))])));
        }
        if (metric == before.Metric) return before;
        return new Objective(metric, DirectionOf(MetricWords.Of(metric).Quantity)
            ?? throw new BadInputException($"Whether '{metric}' is better low or high is not known; add --direction minimize or --direction maximize."));
    }

    private static ObjectiveDirection? DirectionOf(string quantity) => quantity switch
    {
        "error" or "loss" or "sampled_loss" or "best_sampled_loss" or "perplexity" or "frechet_distance" or "bits_per_dim" or "crps" or "begin_crps" or "crps_fair" or "qice" or "energy_score" or "mse" => ObjectiveDirection.Minimize,
        "accuracy" or "bleu" or "sacrebleu" => ObjectiveDirection.Maximize,
        _ => null,
    };

    private static int? InRange(string option, int? number, int most) => number is null or >= 1 && !(number > most) ? number
        : throw new BadInputException($"{option} takes a number in the range 1 .. {most}; it was {number}.");

    private static string Word(string kind, string given, IReadOnlyList<string> valid) => valid.Contains(given) ? given
        : throw new BadInputException($"There is no {kind} '{given}'. Valid ones, nearest first: {string.Join(", ", NearestWords.Order(given, valid))}.");
}
