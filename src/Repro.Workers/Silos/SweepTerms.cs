using System.Globalization;
using Repro.Results.Objects;
using Repro.Studies.Scheduling;
using Repro.Studies.Sweeps;

namespace Repro.Workers.Silos;

/// <summary>What a sweep asks of a cluster: kept as its tags, so that they travel, are exported and reported with it.</summary>
public sealed record SweepTerms
{
    /// <summary>Higher goes first.</summary>
    public int Priority { get; init; }

    /// <summary>When it was submitted: of equal sweeps the older one goes first.</summary>
    public required DateTimeOffset Submitted { get; init; }

    public Demand Needs { get; init; } = Demand.Any;

    /// <summary>Id of the bundle with the program that trains it; null takes the silo's own.</summary>
    public string? Code { get; init; }

    /// <summary>Id of the place that has its objects, as whoever submitted it saw it; null takes any.</summary>
    public string? Objects { get; init; }

    /// <summary>Whether these objects are the sweep's: a folder under a share's mount, or another share, has the same name and another id.</summary>
    /// <returns>Null where they are; otherwise a sentence that names both places.</returns>
    /// <exception cref="Repro.Results.Runs.StorageException">They cannot be reached.</exception>
    public string? Misplaced(IObjectStore objects, CancellationToken stop) => Objects is not { } place || objects.Id(stop: stop) is var here && here == place ? null
        : $"The sweep's objects are in the place {place}, and {objects.Description} is {(here is null ? "none that was written to yet" : $"the place {here}")} on this machine (its {IObjectStore.Marker} says which).";

    /// <summary>Its folder among the objects (<see cref="SweepCreated.FolderOf"/>); null where it is that of its name.</summary>
    public string? Folder { get; init; }

    /// <summary>Identity of the engine that its runs must have; null takes any.</summary>
    public string? Engine { get; init; }

    /// <summary>Content hashes that data sets must have, by the names of the sets.</summary>
    public IReadOnlyDictionary<string, string> Data { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Time between checkpoints of a run.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a worker that trains may say nothing.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Writes them to a sweep, over earlier ones.</summary>
    public void WriteTo(Decision decision)
    {
        var tags = ToTags();
        foreach (var old in decision.State.Tags.Keys.Where(tag => tag.StartsWith(SweepTags.Cluster, StringComparison.Ordinal) && !tags.ContainsKey(tag)).ToList()) decision.Tag(null, old, null);
        foreach (var (tag, value) in tags)
        {
            if (decision.State.Tags.GetValueOrDefault(tag) != value) decision.Tag(null, tag, value);
        }
    }

    /// <exception cref="FormatException">A tag is none of a sweep that was submitted.</exception>
    public static SweepTerms Of(IReadOnlyDictionary<string, string> tags) => new()
    {
        Priority = int.Parse(tags.GetValueOrDefault(SweepTags.Cluster + "priority") ?? "0", CultureInfo.InvariantCulture),
        Submitted = DateTimeOffset.Parse(tags.GetValueOrDefault(SweepTags.Cluster + "submitted") ?? throw new FormatException("The sweep was not submitted to a cluster."), CultureInfo.InvariantCulture),
        Needs = Demand.Parse(tags.GetValueOrDefault(SweepTags.Cluster + "needs") ?? ""),
        Code = tags.GetValueOrDefault(SweepTags.Cluster + "code"),
        Objects = tags.GetValueOrDefault(SweepTags.Cluster + "objects"),
        Folder = tags.GetValueOrDefault(SweepTags.Cluster + "folder"),
        Engine = tags.GetValueOrDefault(SweepTags.Cluster + "engine"),
        Data = new SortedDictionary<string, string>(tags.Where(tag => tag.Key.StartsWith(DataPrefix, StringComparison.Ordinal)).ToDictionary(tag => tag.Key[DataPrefix.Length..], tag => tag.Value), StringComparer.Ordinal),
        CheckpointEvery = Seconds(tags, "checkpoint_every", 120),
        Patience = Seconds(tags, "patience", 300),
    };

    private const string DataPrefix = SweepTags.Cluster + "data.";

    private SortedDictionary<string, string> ToTags()
    {
        var tags = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [SweepTags.Cluster + "submitted"] = Submitted.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            [SweepTags.Cluster + "checkpoint_every"] = CheckpointEvery.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            [SweepTags.Cluster + "patience"] = Patience.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        };
        if (Priority != 0) tags[SweepTags.Cluster + "priority"] = Priority.ToString(CultureInfo.InvariantCulture);
        if (Needs.ToString() is { Length: > 0 } needs) tags[SweepTags.Cluster + "needs"] = needs;
        if (Code is not null) tags[SweepTags.Cluster + "code"] = Code;
        if (Objects is not null) tags[SweepTags.Cluster + "objects"] = Objects;
        if (Folder is not null) tags[SweepTags.Cluster + "folder"] = Folder;
        if (Engine is not null) tags[SweepTags.Cluster + "engine"] = Engine;
        foreach (var (set, hash) in Data) tags[DataPrefix + set] = hash;
        return tags;
    }

    private static TimeSpan Seconds(IReadOnlyDictionary<string, string> tags, string name, double otherwise) =>
        TimeSpan.FromSeconds(double.Parse(tags.GetValueOrDefault(SweepTags.Cluster + name) ?? otherwise.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
}
