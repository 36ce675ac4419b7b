using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Repro.Cli.Output;

/// <summary>
/// Where a verb's words go. Without <c>--json</c> all that is for people goes to standard output. With it, standard output has JSON lines only
/// (events, and last the result), and what is for people goes to standard error.
/// </summary>
public sealed class CommandOutput(Surroundings surroundings, bool json)
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Lock _lines = new();
    private bool _ended;

    public bool Json => json;

    /// <summary>What people read.</summary>
    public TextWriter People => json ? surroundings.Error : surroundings.Out;

    /// <summary>Whether a person watches <see cref="People"/> on a terminal that can move its cursor.</summary>
    public bool Interactive =>
        (json ? surroundings.ErrorIsTerminal : surroundings.OutIsTerminal) && Environment.GetEnvironmentVariable("TERM") is not ("dumb" or null or "");

    /// <summary>Columns of the terminal; 100 where no person watches one.</summary>
    public int Width => Interactive ? Terminal.Columns : Terminal.PlainColumns;

    /// <summary>A line for people.</summary>
    public void Say(string line = "") => People.WriteLine(line);

    /// <summary>A warning or an error for people; always on standard error.</summary>
    public void Complain(string line) => surroundings.Error.WriteLine(line);

    /// <summary>One JSON line, with <c>--json</c> only.</summary>
    public void Event(string kind, JsonObject facts)
    {
        if (!json) return;
        facts.Insert(0, "event", kind);
        WriteLine(facts);
    }

    /// <summary>The last JSON line, with <c>--json</c> only.</summary>
    public void Result(JsonObject result)
    {
        if (json) WriteLine(result);
    }

    /// <summary>The last JSON line, after which other threads write none.</summary>
    public void End(JsonObject result)
    {
        lock (_lines)
        {
            Result(result);
            _ended = true;
        }
    }

    /// <summary>A number that may not be finite, which JSON has no word for, goes into a field of its own as text.</summary>
    public static void Number(JsonObject json, string name, double value)
    {
        if (double.IsFinite(value)) json[name] = value;
        else json[name + "_non_finite"] = double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
    }

    private void WriteLine(JsonObject line)
    {
        lock (_lines)
        {
            if (_ended) return;
            surroundings.Out.WriteLine(line.ToJsonString(Relaxed));
            surroundings.Out.Flush();
        }
    }
}
