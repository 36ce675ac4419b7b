using System.Text.Json.Nodes;
using Repro.Cli.Judging;
using Repro.Cli.Output;
using Repro.Reports.Claims;
using Repro.Studies;
using Repro.Studies.Options;

namespace Repro.Cli.Verbs;

/// <summary><c>repro list --claims</c>: every claim of every card with the verdict that the committed results give it.</summary>
internal static class ClaimList
{
    /// <param name="experiment">Only the papers of this one; null: all.</param>
    public static int Write(Surroundings surroundings, CommandOutput output, string? experiment)
    {
        var (table, claims, broken) = (new TextTable("claim", "paper", "ours", "n", "verdict") { Right = new HashSet<int> { 3 } }, 0, false);
        foreach (var (name, read) in Papers.Each(surroundings))
        {
            try
            {
                var card = read();
                if (experiment is not null && card.Experiment != experiment) continue;
                foreach (var judged in PaperFindings.Of(surroundings, card, PaperFindings.Results).Judgements)
                {
                    claims++;
                    // What runs there are and are not judged is what one would look for.
                    table.RowWithNote(judged.Evidence.NotFrozen.Count > 0 ? judged.Reason : "", $"{name}/{judged.Claim.Id}{(judged.Claim.Transfer ? " (transfer)" : "")}", JudgementText.Paper(judged.Claim),
                        JudgementText.Ours(judged), JudgementText.Count(judged), VerdictWords.Of(judged.Verdict));
                    output.Result(Describe(name, judged));
                }
            }
            catch (BadInputException e)
            {
                // The other papers' claims are none the worse for it.
                broken = true;
                output.Complain($"{name}: {e.Message}");
            }
        }
        if (claims == 0) output.Say("There are no claims.");
        else table.Write(output);
        output.Say();
        output.Say("Verdicts are computed from results/; what made one: ./repro report PAPER");
        return broken ? ExitCode.BadInput : ExitCode.Done;
    }

    private static JsonObject Describe(string paper, Judgement judged)
    {
        var claim = judged.Claim;
        return new JsonObject
        {
            ["paper"] = paper, ["claim"] = claim.Id, ["kind"] = OptionText.Write(claim.Kind), ["transfer"] = claim.Transfer, ["verdict"] = VerdictWords.Key(judged.Verdict), ["n"] = judged.Count, ["judged"] = judged.Runs,
            ["statement"] = claim.Statement, ["stands"] = claim.Stands, ["metric"] = claim.Metric, ["split"] = claim.Split, ["value"] = claim.Value, ["unit"] = claim.Unit,
            ["tolerance"] = claim.Tolerance, ["largest_n"] = claim.LargestN, ["frozen"] = OptionText.Write(judged.Freeze.State), ["reason"] = judged.Reason,
            ["runs_needed"] = judged.Needed?.Runs, ["next_look"] = judged.Needed?.NextLook, ["hours_needed"] = judged.Needed?.Hours, ["runs"] = new JsonArray([.. judged.RunIds.Select(run => (JsonNode)run)]),
        };
    }
}
