using Repro.Studies.Sweeps;

namespace Repro.Studies.StudyFiles;

/// <summary>
/// A study as one YAML file, with the words of the record <see cref="Study"/> in snake_case.
/// <code>
/// experiment: resnet
/// profile: sweep                          # the default
/// parameters:                             # by option; roles: scientific (the default), nuisance, fixed
///   learning_rate: log:1e-4..1            # as --vary takes it, or in full:
///   weight_decay: {type: log_float, low: 1e-6, high: 1e-2, role: nuisance}
///   warm_up: {type: categorical, values: [always, never], when: {network: [residual]}}
///   network: residual,plain
///   depth: {role: fixed, value: 8}
/// constraints: ["learning_rate * 10 >= weight_decay"]
/// sampler: random
/// pruner: {name: asha_stopping, eta: 4, least: 10, most: 300}     # or a name alone
/// objective: {metric: validation_error, direction: minimize}
/// budget: {trials: 40, wall_time: 2h, gpu_hours: 3}
/// seeds: 1
/// retries: {out_of_memory: 1, crash: 2}
/// notes: Is the paper's rate the best one?
/// tags: {asked_by: ada}
/// </code>
/// An ablation has <c>arms</c>, with names, each <c>{why: ..., set: {option: value}}</c>, instead of trials; its baseline are the fixed parameters.
/// </summary>
public static class StudyFile
{
    /// <summary>Reads a study. Nothing is guessed, ignored or taken twice.</summary>
    /// <param name="file">Named in errors.</param>
    /// <param name="subjects">The experiments there are; null does not look whether experiment, profile and options exist, as for a sweep that is stored.</param>
    /// <exception cref="BadInputException">States file, line and column (both from 1), the rule, the value found and the nearest valid word.</exception>
    public static Study Read(string text, string file, IReadOnlyList<StudySubject>? subjects) => new StudyReader(file, subjects).Read(text);

    /// <summary>The study in the one way that equal studies are written: every default spelled out, values as options write them.</summary>
    public static string Write(Study study) => StudyWriter.Write(study);
}
