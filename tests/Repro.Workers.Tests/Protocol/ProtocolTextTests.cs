using System.Text.Json.Nodes;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.Protocol;

namespace Repro.Workers.Tests.Protocol;

public sealed class ProtocolTextTests
{
    public static TheoryData<WorkerMessage, string> Kinds { get; } = new()
    {
        { new ReadyMessage(7), "ready" },
        { new StartedMessage(null), "started" },
        { new StartedMessage(long.MaxValue), "started" },
        { new MetricsMessage([new MetricPoint("loss", 3, double.NaN, 0.5), new MetricPoint("loss", 4, double.NegativeInfinity, 1), new MetricPoint("loss", 5, double.Epsilon, 1)]), "metrics" },
        { new CheckpointMessage(4, "/runs/0-0/attempt-1/step-4", "ab", 12), "checkpoint" },
        { new ProgressMessage("training", 3, 9, double.PositiveInfinity, 1), "progress" },
        { new SentenceMessage("Two\nlines, \"quoted\": ü"), "message" },
        { new CompletedMessage(9, new Dictionary<string, double> { ["validation_error"] = 0.1 }), "completed" },
        { new PausedMessage(9), "paused" },
        { new FailedMessage(FailureClass.OutOfMemory, "why"), "failed" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_message_is_one_line_that_reads_back_as_the_same(WorkerMessage message, string word)
    {
        var line = ProtocolText.Write(message);
        Assert.DoesNotContain('\n', line);
        Assert.Equal(word, (string?)JsonNode.Parse(line)!["event"]);
        Assert.Equal(line, ProtocolText.Write(ProtocolText.ReadWorker(line)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("MKL INFO: something")]
    [InlineData("{\"event\":\"nothing\"}")]
    [InlineData("{\"event\":\"paused\"")]
    public void What_is_no_message_is_refused(string line) => Assert.Throws<FormatException>(() => ProtocolText.ReadWorker(line));

    [Fact]
    public void An_order_without_its_seed_is_refused() =>
        Assert.Throws<FormatException>(() => ProtocolText.ReadHost("{\"do\":\"train\",\"run\":\"0-0\",\"attempt\":1,\"experiment\":\"net\",\"profile\":\"smoke\"}"));
}
