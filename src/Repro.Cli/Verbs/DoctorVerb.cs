using System.CommandLine;
using System.Text.Json.Nodes;
using Repro.Cli.Doctor;
using Repro.Cli.Output;
using Repro.Results.Runs;
using Repro.Studies.Options;
using Repro.Training.Datasets;

namespace Repro.Cli.Verbs;

/// <summary><c>repro doctor</c>: what is here, what is missing, what that means, and what mends it.</summary>
internal static class DoctorVerb
{
    public static Command Create(Surroundings surroundings)
    {
        var data = SharedOptions.DataDir();
        var runs = SharedOptions.Runs();
        var verb = new Verb(
            "doctor", "Shows what is on this machine, what is missing, what that means, and the command that mends it. Ends with 3 where something needed is missing.",
            "./repro doctor", "./repro doctor --json | tail -1") { data, runs };
        verb.SetAction(arguments => Show(
            new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json)),
            Diagnosis.Run(ProgramRoot.Path, RunsFolder.FromEnvironment(arguments.GetValue(runs)).Path, DataFolders.FromEnvironment(arguments.GetValue(data)))));
        return verb;
    }

    private static int Show(CommandOutput output, IReadOnlyList<Finding> findings)
    {
        var table = new TextTable("component", "state", "version", "here");
        foreach (var finding in findings) table.RowWithNote(finding.Meaning, finding.Component, OptionText.Write(finding.State), finding.Version, finding.Chosen);
        table.Write(output);
        foreach (var finding in findings.Where(f => f.Mend.Length > 0)) output.Say($"To mend {finding.Component}: {finding.Mend}");
        var missing = findings.Count(f => f.State == FindingState.Missing);
        output.Say(missing == 0 ? "Nothing that is needed is missing." : $"{missing} needed component{(missing == 1 ? " is" : "s are")} missing.");
        output.Result(new JsonObject
        {
            ["status"] = missing == 0 ? "ok" : "missing",
            ["findings"] = new JsonArray(findings.Select(f => (JsonNode)new JsonObject
            {
                ["component"] = f.Component, ["chosen"] = f.Chosen, ["version"] = f.Version, ["state"] = OptionText.Write(f.State), ["meaning"] = f.Meaning, ["mend"] = f.Mend,
            }).ToArray()),
        });
        return missing == 0 ? ExitCode.Done : ExitCode.Missing;
    }
}
