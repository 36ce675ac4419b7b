using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Studies.Options;

namespace Repro.Cli.Verbs;

/// <summary>Every option of an experiment with type, range, the paper's default, the chosen value, and where it stands in the paper.</summary>
internal static class OptionListing
{
    public static int Show(CommandOutput output, ChosenExperiment chosen)
    {
        var values = OptionSchema.Values(chosen.Options).ToDictionary(o => o.Key, o => OptionText.Write(o.Value));
        var table = new TextTable("option", "type", "range", "paper", chosen.Profile.Name, "in the paper", "what it is") { Right = new HashSet<int> { 3, 4 } };
        var listed = new JsonArray();
        foreach (var option in OptionSchema.Of(chosen.Experiment.OptionsType))
        {
            table.Row(option.Name, option.TypeWord, option.RangeWord, OptionText.Write(option.Default), values[option.Name], option.Source, option.Description);
            listed.Add(new JsonObject
            {
                ["name"] = option.Name,
                ["type"] = option.TypeWord,
                ["range"] = option.RangeWord,
                ["choices"] = new JsonArray(option.Choices.Select(c => (JsonNode)c).ToArray()),
                ["default"] = OptionText.Write(option.Default),
                ["value"] = values[option.Name],
                ["source"] = option.Source,
                ["description"] = option.Description,
            });
        }
        output.Say($"Options of {chosen.Experiment.Name}; change one with --set name=value. The column {chosen.Profile.Name} is what this command would take.");
        table.Write(output);
        output.Result(new JsonObject { ["experiment"] = chosen.Experiment.Name, ["profile"] = chosen.Profile.Name, ["options"] = listed });
        return ExitCode.Done;
    }
}
