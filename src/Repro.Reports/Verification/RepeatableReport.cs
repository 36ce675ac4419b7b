using Repro.Figures;

namespace Repro.Reports.Verification;

/// <summary>A report that can be made again from what is stored beside it.</summary>
/// <param name="Name">How people call it: its folder, relative to the one that is verified.</param>
/// <param name="Folder">Full path of the folder that holds it, and what it is made from.</param>
/// <param name="Write">Makes it in another folder.</param>
public sealed record RepeatableReport(string Name, string Folder, WriteReport Write)
{
    /// <summary>The command that makes it again in its folder.</summary>
    public string Again { get; init; } = $"./repro report {Name}";

    /// <summary>Faults of what the report is made from, as sentences that begin with a file's name; none where all is as it was exported. Where there are any, it is not made again.</summary>
    public Func<IEnumerable<string>> SourceFaults { get; init; } = () => [];

    /// <summary>Whether it has figures or tables with a ledger; the front page over all papers has none.</summary>
    public bool HasLedger { get; init; } = true;

    /// <summary>Whether a file of the folder, by its name in it with slashes, is one that the report is made from or a person's own, and not one that it makes.</summary>
    public Func<string, bool> IsSource { get; init; } = _ => false;
}

/// <summary>Makes a report.</summary>
/// <param name="renderer">Draws its figures.</param>
/// <param name="folder">Where it goes, with figures and tables below.</param>
/// <returns>Sections that could not be made here, with the reason; none where all could.</returns>
public delegate IReadOnlyList<UnmadeSection> WriteReport(IFigureRenderer renderer, string folder);

/// <summary>A section of a report that needs what is not on this machine: images of a data set.</summary>
/// <param name="Title">As its heading has it.</param>
/// <param name="Figures">What the names of its figures begin with.</param>
/// <param name="Why">With what to do about it.</param>
public sealed record UnmadeSection(string Title, string Figures, string Why);
