using Repro.Cli.Output;
using Repro.Reports.Papers;
using Repro.Studies.Papers;

namespace Repro.Cli.Verbs;

/// <summary>The cards under <c>papers/</c>.</summary>
internal static class Papers
{
    public static string Folder => Path.Combine(ProgramRoot.Path, "papers");

    /// <summary>The card of an experiment; null where it has none.</summary>
    /// <exception cref="Repro.Studies.BadInputException">The card breaks a rule.</exception>
    public static PaperCard? Of(string experiment)
    {
        var file = Path.Combine(Folder, experiment + ".md");
        return File.Exists(file) ? PaperCardReader.Read(file) : null;
    }

    public static IReadOnlyList<Claim> Claims(string experiment) => Of(experiment)?.Claims ?? [];

    /// <summary>The claimed number with its unit and spread: <c>6.61 +- 0.16 %</c>; the kind where the claim is no number.</summary>
    public static string Value(Claim claim) => claim.Value is { } value
        ? $"{Words.Number(value)}{(claim.Spread is { } spread ? $" +- {Words.Number(spread)}" : "")} {claim.Unit}".TrimEnd()
        : Studies.Options.OptionText.Write(claim.Kind);
}
