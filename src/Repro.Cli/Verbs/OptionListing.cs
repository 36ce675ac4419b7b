using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Studies.Options;

namespace Repro.Cli.Verbs;

/// <summary>Every option of an experiment with type, range, default, the chosen value, and where the default was published.</summary>
internal static class OptionListing
{
    /// <summary>How an experiment samples.</summary>
    public static int ShowSampling(CommandOutput output, string experiment, object defaults)
    {
        var table = new TextTable("option", "default", "type", "range");
        var listed = new JsonArray();
        foreach (var option in OptionSchema.Of(defaults.GetType()))
        {
            table.RowWithNote(option.Source.Length > 0 ? $"{option.Description} [{option.Source}]" : option.Description, option.Name, OptionText.Write(option.Default), option.TypeWord, option.RangeWord);
            listed.Add(Json(option));
        }
        output.Say($"How {experiment} samples; change an option with --set name=value.");
        table.Write(output);
        output.Result(new JsonObject { ["experiment"] = experiment, ["options"] = listed });
        return ExitCode.Done;
    }

    public static int Show(CommandOutput output, ChosenExperiment chosen)
    {
        var values = OptionSchema.Values(chosen.Options).ToDictionary(o => o.Key, o => OptionText.Write(o.Value));
        var table = new TextTable("option", chosen.Profile.Name, chosen.Experiment.Subject.Defaults, "type", "range");
        var listed = new JsonArray();
        foreach (var option in OptionSchema.Of(chosen.Experiment.OptionsType))
        {
            table.RowWithNote(
                option.Source.Length > 0 ? $"{option.Description} [{option.Source}]" : option.Description,
                option.Name, values[option.Name], OptionText.Write(option.Default), option.TypeWord, option.RangeWord);
            var json = Json(option);
            json["value"] = values[option.Name];
            listed.Add(json);
        }
        foreach (var line in TextLines.Wrap($"Options of {chosen.Experiment.Name}; change one with --set name=value. The column {chosen.Profile.Name} is what this command would take, the next one has the defaults; in brackets stands where a default was published.", output.Width, breakWords: false)) output.Say(line);
        table.Write(output);
        output.Result(new JsonObject { ["experiment"] = chosen.Experiment.Name, ["profile"] = chosen.Profile.Name, ["options"] = listed });
        return ExitCode.Done;
    }

    private static JsonObject Json(OptionInfo option) => new()
    {
        ["name"] = option.Name,
        ["type"] = option.TypeWord,
        ["range"] = option.RangeWord,
        ["choices"] = new JsonArray(option.Choices.Select(c => (JsonNode)c).ToArray()),
        ["default"] = OptionText.Write(option.Default),
        ["source"] = option.Source,
        ["description"] = option.Description,
    };
}
