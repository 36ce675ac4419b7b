using Repro.Studies.Options;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.StudyFiles;

/// <summary>The words of a study file, for its reader and its writer.</summary>
internal static class StudyWords
{
    public static readonly string[] Keys =
        ["experiment", "profile", "parameters", "constraints", "sampler", "pruner", "objective", "budget", "seeds", "retries", "arms", "test", "notes", "tags"];

    public static readonly string[] Parameter = ["type", "low", "high", "step", "values", "range", "value", "role", "when"];

    public static readonly string[] Types = ["float", "log_float", "int", "log_int", "categorical"];

    public static readonly string[] Roles = [.. Enum.GetValues<HyperparameterRole>().Select(role => OptionText.Write(role))];

    public static readonly string[] Pruner = ["name", "eta", "least", "most"];

    public static readonly string[] Objective = ["metric", "direction", "split"];

    public static readonly string[] Directions = [.. Enum.GetValues<ObjectiveDirection>().Select(direction => OptionText.Write(direction))];

    public static readonly string[] Budget = ["trials", "wall_time", "gpu_hours", "trials_per_arm"];

    public static readonly string[] Retries = ["bug", "not_finite", "out_of_memory", "crash"];

    public static readonly string[] Arm = ["why", "set"];
}
