using System.Globalization;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Workers.FakeWorker;

/// <summary>A process that only decides, for tests that look at it from outside: what it asks the kernel for, and what a limit does to it.</summary>
public static class FakeDecisions
{
    public const string Sweep = "net";

    /// <summary>What each decision writes: two events, and two metrics of the run that has the decision's number.</summary>
    public static SweepWrite Numbered(int number) => new(
        [new SweepExtended(number + 1) { At = DateTimeOffset.UnixEpoch }, new Tagged(number, "note", new string('x', 400)) { At = DateTimeOffset.UnixEpoch }],
        [(new RunKey(number, 0), new MetricPoint("loss", 1, number, 0)), (new RunKey(number, 0), new MetricPoint($"only_in_{number}", 1, number, 0))],
        []);

    /// <summary>Says a line before and a line after each decision; ends with 1 and the store's sentence where one fails.</summary>
    public static int Run(string store, int count, TextWriter output, TextWriter error)
    {
        try
        {
            using var opened = new SqliteStore(store);
            for (var i = 0; i < count; i++)
            {
                Say($"deciding {i.ToString(CultureInfo.InvariantCulture)}");
                opened.Decide(Sweep, 2 * i, null, _ => Numbered(i));
                Say($"decided {i.ToString(CultureInfo.InvariantCulture)}");
            }
            return 0;
        }
        catch (StorageException refused)
        {
            error.WriteLine(refused.Message);
            return 1;
        }

        void Say(string line)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }
}
