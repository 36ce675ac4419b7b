using System.Globalization;
using Repro.Studies.Options;

namespace Repro.Studies.Scheduling;

/// <summary>What a slot has.</summary>
/// <param name="Gpus">Of how many GPUs it has the use: less than 1 where slots share one, 0 on the CPU.</param>
/// <param name="MemoryBytes">Memory of its GPUs, or of its share of one; on the CPU its share of the machine's memory.</param>
/// <param name="Labels">The machine's and its own together.</param>
public sealed record SlotOffer(double Gpus, long MemoryBytes, Labels Labels);

/// <summary>What a run of a sweep needs of a slot.</summary>
/// <param name="Gpus">At least so many, a share of one included; 0 takes any slot, on a GPU too.</param>
/// <param name="MemoryBytes">At least so much: GPU memory of a slot with a GPU, the slot's share of the machine's memory of one without.</param>
/// <param name="Labels">All of them, exactly.</param>
public sealed record Demand(double Gpus, long MemoryBytes, Labels Labels)
{
    /// <summary>GPUs of one slot; far beyond any machine.</summary>
    public const double MostGpus = 1024;

    /// <summary>Its names that are no labels.</summary>
    public static IReadOnlyList<string> Words { get; } = ["gpus", "memory"];

    /// <summary>Any slot will do.</summary>
    public static Demand Any { get; } = new(0, 0, Labels.None);

    public bool IsMetBy(SlotOffer offer) => offer.Gpus >= Gpus && offer.MemoryBytes >= MemoryBytes && (Labels.Count == 0 || offer.Labels.Match(Labels));

    /// <summary>Reads <c>gpus=1,memory=20GiB,gpu=h200</c>: <c>gpus</c> and <c>memory</c> are amounts, everything else is a label. Empty text demands nothing.</summary>
    /// <exception cref="BadInputException">States the piece and the rule.</exception>
    public static Demand Parse(string text)
    {
        var (gpus, memory, labels, seen) = (0.0, 0L, new List<KeyValuePair<string, string>>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var (name, value) in Labels.Pieces(text))
        {
            if (Words.Contains(name) && !seen.Add(name)) throw new BadInputException($"In '{text}' there are two values of {name}; give one.");
            switch (name)
            {
                case "gpus":
                    gpus = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= MostGpus ? number
                        : throw new BadInputException($"gpus is how many GPUs a run needs, from 0 to {MostGpus}, as 1 or 0.5; it was '{value}'.{(value.Any(char.IsAsciiLetter) ? $" The kind of GPU is the label gpu={value}." : "")}");
                    break;
                case "memory":
                    memory = MemorySize.Parse(value, "memory");
                    break;
                default:
                    if (value.Length > 0 && char.IsAsciiDigit(value[0]) && name != "gpu" && NearestWords.Nearest(name, Words) is { } meant && name.Length > 2)
                        throw new BadInputException($"'{name}={value}' would ask for machines that are called so. An amount is written {meant}={value}.");
                    labels.Add(KeyValuePair.Create(name, value));
                    break;
            }
        }
        return new Demand(gpus, memory, Labels.Of(labels));
    }

    /// <summary>As <see cref="Parse"/> reads it; empty where nothing is demanded.</summary>
    public override string ToString() => string.Join(",", new[]
    {
        Gpus > 0 ? string.Create(CultureInfo.InvariantCulture, $"gpus={Gpus:R}") : "",
        MemoryBytes > 0 ? $"memory={MemorySize.Exact(MemoryBytes)}" : "",
        Labels.ToString(),
    }.Where(piece => piece.Length > 0));

    /// <summary>What a slot lacks for it; null where it lacks nothing.</summary>
    public string? Lacks(SlotOffer offer) =>
        offer.Gpus < Gpus ? string.Create(CultureInfo.InvariantCulture, $"{Gpus:0.###} GPUs: it has {offer.Gpus:0.###}")
        : offer.MemoryBytes < MemoryBytes ? $"{MemorySize.Rounded(MemoryBytes)} of memory: it has {MemorySize.Rounded(offer.MemoryBytes)}"
        : Labels.All.FirstOrDefault(label => !offer.Labels.TryGet(label.Key, out var value) || value != label.Value) is { Key: { } name } missing ? $"{name}={missing.Value}: " + (offer.Labels.TryGet(name, out var other) ? $"it has {name}={other}" : $"it has no label {name}")
        : null;
}
