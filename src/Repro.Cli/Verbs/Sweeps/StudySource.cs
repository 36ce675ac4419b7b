using Repro.Studies;
using Repro.Studies.Formats;
using Repro.Studies.Options;
using Repro.Studies.StudyFiles;
using Repro.Studies.Sweeps;
using Repro.Training;

namespace Repro.Cli.Verbs.Sweeps;

/// <summary>A study with the experiment that it is about.</summary>
/// <param name="Name"><c>resnet/learning-rate</c>, a file's path, or the experiment's name where the command line alone makes the study.</param>
/// <param name="Question">As the experiment declares it, or the notes of a file; may be empty.</param>
internal sealed record FoundStudy(string Name, string Question, Experiment Experiment, Study Study)
{
    /// <summary>Those of an ablation that were chosen; empty: all.</summary>
    public IReadOnlyList<string> Arms { get; init; } = [];

    /// <summary>Arms that the ablation has besides.</summary>
    public int LeftOut { get; init; }

    /// <summary>What a command line names it by, its arms too where not all of them are compared.</summary>
    public string Words => Arms.Count == 0 ? Name : $"{Name} --arms {string.Join(',', Arms)}";
}

/// <summary>Finds the study that <c>sweep</c> and <c>ablate</c> are given: a file, one that an experiment declares, or an experiment whose options are varied.</summary>
internal static class StudySource
{
    /// <summary>Bytes that a study's file may have: 1 MiB. What is larger is another kind of file.</summary>
    private const long LargestFile = 1 << 20;

    /// <summary>Names that an error lists.</summary>
    private const int Listed = 12;

    /// <param name="ablation">Whether an ablation is wanted; a study of the other kind is refused.</param>
    /// <exception cref="BadInputException">There is no such study, the file breaks a rule, or the changes do; lists the valid words, nearest first.</exception>
    public static FoundStudy Find(Surroundings surroundings, string what, bool ablation, StudyChanges changes)
    {
        var experiments = surroundings.Experiments();
        var found = experiments.FirstOrDefault(e => e.Name == what) is { } experiment ? Varied(experiment, ablation, changes)
            : Declared(experiments, what) ?? (File.Exists(what) ? FromFile(experiments, what) : throw Unknown(experiments, what, ablation));
        if (found.Study.Arms.Count > 0 != ablation)
        {
            throw new BadInputException(ablation
                ? $"'{what}' is a search, which compares no arms: ./repro sweep {what}"
                : $"'{what}' is an ablation, which compares its arms: ./repro ablate {what}");
        }
        var study = StudyChange.Apply(found.Experiment, found.Study, changes);
        return found with { Arms = changes.Arms, LeftOut = found.Study.Arms.Count - study.Arms.Count, Study = study };
    }

    private static FoundStudy Varied(Experiment experiment, bool ablation, StudyChanges changes)
    {
        if (ablation)
        {
            throw new BadInputException(experiment.Ablations.Count == 0
                ? $"The experiment '{experiment.Name}' declares no ablation. A file may: docs/studies.md shows one."
                : $"Name one of the ablations of '{experiment.Name}': {Names(experiment, experiment.Ablations.Select(a => a.Name))}.");
        }
        if (changes.Vary.Count == 0)
        {
            var declared = experiment.Studies.Count > 0 ? $"Name one of its studies: {Names(experiment, experiment.Studies.Select(s => s.Name))}; or vary" : "Vary";
            throw new BadInputException($"A sweep of '{experiment.Name}' needs something to search. {declared} an option: --vary learning_rate=log:1e-4..1. ./repro run {experiment.Name} --show-options lists the options.");
        }
        return new FoundStudy(experiment.Name, "", experiment, StudyChange.Empty(experiment, changes.Profile));
    }

    private static FoundStudy? Declared(IReadOnlyList<Experiment> experiments, string what)
    {
        var slash = what.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || experiments.FirstOrDefault(e => e.Name == what[..slash]) is not { } experiment) return null;
        var name = what[(slash + 1)..];
        if (experiment.Studies.FirstOrDefault(s => s.Name == name) is { } study) return new FoundStudy(what, study.Question, experiment, study.Study);
        return experiment.Ablations.FirstOrDefault(a => a.Name == name) is { } ablation ? new FoundStudy(what, ablation.Question, experiment, ablation.Of(experiment.Name)) : null;
    }

    private static FoundStudy FromFile(IReadOnlyList<Experiment> experiments, string file)
    {
        string text;
        RegularFile.Require(file);
        try
        {
            var bytes = new FileInfo(file).Length;
            if (bytes > LargestFile) throw new BadInputException($"{file} has {bytes} bytes, and a study's file at most {LargestFile}: it is another kind of file.");
            text = File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The study {file} cannot be read: {e.Message}", e);
        }
        var study = StudyFile.Read(text, file, [.. experiments.Select(e => e.Subject)]);
        return new FoundStudy(file, study.Notes, experiments.Single(e => e.Name == study.Experiment), study);
    }

    private static BadInputException Unknown(IReadOnlyList<Experiment> experiments, string what, bool ablation)
    {
        if (Directory.Exists(what)) return new BadInputException($"'{what}' is a folder; a study is one YAML file.");
        var names = experiments.SelectMany(e => (ablation ? e.Ablations.Select(a => a.Name) : e.Studies.Select(s => s.Name)).Select(name => $"{e.Name}/{name}")).ToList();
        if (!ablation) names.AddRange(experiments.Select(e => e.Name));
        var kind = ablation ? "ablation" : "study";
        if (names.Count == 0) return new BadInputException($"There is no {kind} '{what}', and no such file. No experiment declares one.");
        // A person may well name the paper.
        if (what.Split('/', 2) is [var paper, var name] && Papers.NotAnExperiment(experiments, paper) is var (about, sentence))
            return new BadInputException($"{sentence} "
                + (names.Contains($"{about}/{name}") ? $"Name {about}/{name} in its place." : $"Of {about} there are: {string.Join(", ", names.Where(one => one.StartsWith(about + "/", StringComparison.Ordinal)))}."));
        var words = string.Join(", ", NearestWords.Order(what, names).Take(Listed)) + (names.Count > Listed ? $" and {names.Count - Listed} more (./repro list EXPERIMENT)" : "");
        return new BadInputException(what.EndsWith(".yaml", StringComparison.Ordinal) || what.EndsWith(".yml", StringComparison.Ordinal)
            ? $"There is no file '{Path.GetFullPath(what)}'. A study is a file, or one of: {words}."
            : $"There is no {kind} '{what}', and no such file. Valid names, nearest first: {words}.");
    }

    private static string Names(Experiment experiment, IEnumerable<string> names) => string.Join(", ", names.Select(name => $"{experiment.Name}/{name}"));
}
