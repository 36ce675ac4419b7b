using System.Globalization;

namespace Repro.Workers.FakeWorker;

/// <summary>What a fake run does, as the options of its trial say.</summary>
public sealed record FakeOptions(int Steps, int CheckpointEvery, int Points, string Fault, int FaultAt, int FaultyAttempts, double Offset, int StepMilliseconds, bool Marks)
{
    public static FakeOptions Of(IReadOnlyDictionary<string, string> options)
    {
        int Whole(string name, int otherwise) => options.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
        return new FakeOptions(
            Whole("steps", 10), Whole("checkpoint_every", 2), Whole("points", 1), options.GetValueOrDefault("fault", "none"), Whole("fault_at", 5),
            // So many attempts at a run have the fault.
            Whole("faulty_attempts", 1), double.Parse(options.GetValueOrDefault("offset", "0"), CultureInfo.InvariantCulture),
            Whole("step_ms", 0), Whole("marks", 0) == 1);
    }
}
