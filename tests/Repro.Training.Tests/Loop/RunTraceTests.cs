using System.Text.Json.Nodes;
using Repro.Training.Loop;

namespace Repro.Training.Tests.Loop;

public sealed class RunTraceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Spans_are_complete_events_in_microseconds_from_the_beginning()
    {
        var time = new Clock();
        var file = Path.Combine(_folder.Path, "trace.json");
        using (var trace = new RunTrace(file, time))
        {
            time.Ticks += 2_000;
            using (trace.Measure("step"))
            {
                time.Ticks += 1_000;
                using (trace.Measure("forward")) time.Ticks += 500;
            }
        }
        var events = JsonNode.Parse(File.ReadAllText(file))!["traceEvents"]!.AsArray();
        Assert.Equal([("forward", "X", 3000.0, 500.0), ("step", "X", 2000.0, 1500.0)], events.Select(e => ((string)e!["name"]!, (string)e["ph"]!, (double)e["ts"]!, (double)e["dur"]!)));
    }

    [Fact]
    public void A_trace_without_spans_is_whole_too()
    {
        var file = Path.Combine(_folder.Path, "trace.json");
        new RunTrace(file, TimeProvider.System).Dispose();
        Assert.Empty(JsonNode.Parse(File.ReadAllText(file))!["traceEvents"]!.AsArray());
    }

    /// <summary>Counts microseconds.</summary>
    private sealed class Clock : TimeProvider
    {
        public long Ticks { get; set; }

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => Ticks;
    }
}
