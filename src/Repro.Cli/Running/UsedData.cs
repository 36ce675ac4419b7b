using Repro.Results;
using Repro.Training;

namespace Repro.Cli.Running;

/// <summary>Collects what an attempt reads and measures with, and has it recorded at once.</summary>
/// <param name="record">Takes all of it, each time that there is something new.</param>
internal sealed class UsedData(Action<IReadOnlyList<DataSetUsed>> record)
{
    private readonly List<DataSetUsed> _used = [];

    /// <summary>The same context, telling this.</summary>
    public RunContext Of(RunContext context) => context with
    {
        Data = context.Data with { Loaded = set => Add(new DataSetUsed(set.Name, set.Identity, set.FileOrderHash, set.Parts.Sum(split => split.Records))) },
        MeasuredWith = yardstick => Add(new DataSetUsed(yardstick.Name, yardstick.Identity, yardstick.Identity, yardstick.Examples) { Yardstick = true }),
    };

    private void Add(DataSetUsed one)
    {
        lock (_used)
        {
            if (_used.Any(used => used.Name == one.Name)) return;
            _used.Add(one);
            record(_used);
        }
    }
}
