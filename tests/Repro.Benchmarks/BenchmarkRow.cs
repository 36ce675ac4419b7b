using System.Text.Encodings.Web;
using System.Text.Json;

namespace Repro.Benchmarks;

/// <summary>What a number must be for the row to be met.</summary>
/// <param name="OfRatio">The bound is on ours / peer; otherwise on ours.</param>
/// <param name="AtMost">An upper bound; otherwise a lower one.</param>
public sealed record BenchmarkTarget(double Bound, bool OfRatio, bool AtMost)
{
    public override string ToString() => $"{(OfRatio ? "ratio" : "ours")} {(AtMost ? "<=" : ">=")} {Bound}";
}

/// <summary>One measured quantity.</summary>
/// <param name="Name">snake_case, unique within the benchmark.</param>
/// <param name="Ours">In <paramref name="Unit"/>.</param>
/// <param name="Peer">The same of the peer, in the same unit; null where there is no peer, or not here.</param>
/// <param name="Unit">Such as <c>ms</c>, <c>MiB</c>, <c>images/s</c>.</param>
/// <param name="Target">Null where nothing is demanded.</param>
public sealed record BenchmarkRow(string Name, double Ours, double? Peer, string Unit, BenchmarkTarget? Target)
{
    /// <summary>Ours / peer.</summary>
    public double? Ratio => Ours / Peer;

    /// <summary>Null where there is no target, or the peer it needs is not here.</summary>
    public bool? Met
    {
        get
        {
            double? judged = Target is null ? null : Target.OfRatio ? Ratio : Ours;
            return judged is null ? null : Target!.AtMost ? judged <= Target.Bound : judged >= Target.Bound;
        }
    }

    /// <summary>One line with <c>name, ours, peer, unit, ratio, target, met</c>.</summary>
    public string ToJson() => JsonSerializer.Serialize(new
    {
        name = Name,
        ours = Rounded(Ours),
        peer = Rounded(Peer),
        unit = Unit,
        ratio = Rounded(Ratio),
        target = Target?.ToString(),
        met = Met,
    }, Plain);

    /// <summary>Leaves <c>&lt;</c> and <c>&gt;</c> as they are: this is no HTML.</summary>
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static double? Rounded(double? value) => value is null ? null : double.Parse(value.Value.ToString("G5"));
}
