using System.CommandLine;
using Repro.Results;
using Repro.Studies;
using Repro.Training;
using Repro.Training.Datasets;

namespace Repro.Cli.Verbs;

/// <summary>The options that say under what conditions something computes: seed, device, threads, data, and what it records.</summary>
/// <param name="goesOn">Whether the verb can go on with a run, whose own conditions are then taken where none are named.</param>
internal sealed class ConditionOptions(bool goesOn = false)
{
    private readonly Option<ulong?> _seed = SharedOptions.Seed();
    private readonly Option<string?> _device = SharedOptions.Device(goesOn ? "cpu; with --resume the run's own" : "cpu");
    private readonly Option<int?> _threads = SharedOptions.Threads(goesOn ? "all processors; with --resume the run's own" : "all processors");
    private readonly Option<string?> _data = SharedOptions.DataDir();

    public Option<ulong?> Seed => _seed;

    public Option<string?> Data => _data;

    public void AddTo(Command verb, bool seed = true)
    {
        if (seed) verb.Add(_seed);
        verb.Add(_device);
        verb.Add(_threads);
        verb.Add(_data);
    }

    /// <param name="before">Of the run that goes on, which does so under its own conditions where the command line names no others.</param>
    /// <exception cref="BadInputException">No such device or number of threads.</exception>
    public RunContext Context(ParseResult arguments, RunRecord? before = null)
    {
        var (recordedDevice, recordedThreads) = before is null ? default : Recorded(arguments.CommandResult.Command, before);
        var device = arguments.GetValue(_device) ?? recordedDevice ?? "cpu";
        if (device is not ("cpu" or "cuda") && !(device.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(device.AsSpan(5), out var index) && index >= 0))
            throw new BadInputException($"--device takes cpu, cuda or cuda:N; it was '{device}'.");
        var threads = arguments.GetValue(_threads) ?? recordedThreads ?? Environment.ProcessorCount;
        if (threads is < 1 or > 1024) throw new BadInputException($"--threads takes a number in the range 1 .. 1024; it was {threads}.");
        return new RunContext { Seed = arguments.GetValue(_seed) ?? 0, Device = device, Threads = threads, Data = DataFolders.FromEnvironment(arguments.GetValue(_data)) };
    }

    // A run that was killed before its first attempt had begun has no environment, but the command that makes it.
    private (string? Device, int? Threads) Recorded(Command verb, RunRecord run)
    {
        if (run.Attempts is [.., var newest]) return (newest.Environment.Device, newest.Environment.Threads);
        var commanded = verb.Parse(run.Command);
        return (commanded.GetValue(_device), commanded.GetValue(_threads));
    }
}
