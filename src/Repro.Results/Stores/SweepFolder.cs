using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Repro.Results.Provenance;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Results.Stores;

/// <summary>
/// A sweep as one portable folder: <c>sweep.json</c> with counts and digests, <c>events.jsonl</c> with its log, <c>metrics.csv</c> with all that its runs
/// reported, and <c>runs/RUN/attempt-N/</c> with what a run's attempts left beside checkpoints: under what they ran, and the predictions and samples of runs that
/// verdicts stand on (confirmations and arms). Backups are made of it, and results are reviewed in it.
/// </summary>
public static class SweepFolder
{
    /// <summary>In an export: what the runs' attempts left, as the sweep's own folder has it.</summary>
    public const string Runs = SweepRecords.Folder;

    private const string Head = "sweep.json", Events = "events.jsonl", Metrics = "metrics.csv";
    private const string Columns = "trial,run,name,step,value,seconds";
    private const int Format = 1, Batch = 50_000;

    /// <summary>Writes the sweep as it is now. Hosts may go on meanwhile; what they write after that is not in it.</summary>
    /// <param name="runs">The sweep's folder, for what its attempts left; it need not be there.</param>
    /// <param name="folder">New or empty, or an earlier export of the same sweep, which is replaced.</param>
    /// <returns>How many events and metrics there are.</returns>
    /// <exception cref="BadInputException">There is no such sweep, or the folder holds something else.</exception>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public static (long Events, long Metrics) Export(ISweepStore store, string sweep, string runs, string folder)
    {
        var events = store.Read(sweep);
        if (events.Count == 0) throw new BadInputException($"There is no sweep '{sweep}' in {store.Description}.");
        folder = Path.GetFullPath(folder);
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any(entry => Path.GetFileName(entry) != "README.md"))
        {
            if (!File.Exists(Path.Combine(folder, Head))) throw new BadInputException($"{folder} holds something that is no export of a sweep; name a new or an empty folder.");
            if (ReadHead(folder) is var there && there.Sweep != sweep) throw new BadInputException($"{folder} holds the sweep {there.Sweep}; name another folder.");
        }
        var state = new SweepState();
        foreach (var happened in events) state.Apply(happened);
        try
        {
            Directory.CreateDirectory(folder);
            // Without its head a folder is no export: a copy that was cut off is not taken for one.
            File.Delete(Path.Combine(folder, Head));
            if (Directory.Exists(Path.Combine(folder, SweepRecords.Folder))) Directory.Delete(Path.Combine(folder, SweepRecords.Folder), recursive: true);
            var log = Write(Path.Combine(folder, Events), writer =>
            {
                foreach (var happened in events) writer.Write(SweepLog.Write(happened) + "\n");
                return events.Count;
            });
            var metrics = Write(Path.Combine(folder, Metrics), writer => WriteMetrics(writer, store, sweep, state));
            if (store is RunStore own) own.ExportRecords(folder);
            else SweepRecords.Copy(state, runs, folder);
            var head = new Header(Format, sweep, log.Count, metrics.Count, log.Sha256, metrics.Sha256) { RunsSha256 = SweepRecords.Seal(folder) };
            DurableFile.Write(Path.Combine(folder, Head), JsonSerializer.SerializeToUtf8Bytes(head, RunJson.Indented));
            return (log.Count, metrics.Count);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"Cannot export to {folder}: {StorageException.Reason(e)}.", e);
        }
    }

    /// <summary>Puts an exported sweep into a store, with its records into the folder of its runs. Checkpoints are not in an export, so runs that were not done begin anew.</summary>
    /// <param name="name">In the store; null is its own.</param>
    /// <param name="runsOf">The folder of a sweep's runs by its name; null leaves the records of attempts where they are.</param>
    /// <returns>Its name.</returns>
    /// <exception cref="BadInputException">It is no export, it was changed, or the store has a sweep of that name.</exception>
    public static string Import(ISweepStore store, string folder, string? name, Func<string, string>? runsOf)
    {
        var head = ReadHead(folder);
        if (head.Format > Format) throw new BadInputException($"{folder} was written by a newer version of Repro (format {head.Format}; this program knows {Format}). Update Repro.");
        if (Faults(folder, head).ToList() is { Count: > 0 } faults)
            throw new NotWholeException(folder, faults, "Export the sweep again");
        var sweep = name ?? head.Sweep;
        var records = runsOf?.Invoke(sweep);
        if (store.Read(sweep).Count > 0) throw new BadInputException($"{store.Description} has a sweep {sweep} already. Import it under another name: --name NAME.");
        var events = ReadEvents(Path.Combine(folder, Events));
        foreach (var _ in ReadMetrics(Path.Combine(folder, Metrics)))
        {
            // Read once before anything is written: what cannot be read is not imported in part.
        }
        // A sweep is there from its first event on: metrics go before it, so that what was cut off is not seen, and does not stay when it is begun anew.
        var runs = events.OfType<TrialPlanned>().SelectMany(planned => planned.Seeds.Select((_, i) => new RunKey(planned.Trial, i))).ToList();
        Decide(new SweepWrite([], [], runs.Select(run => (run, -1L)).ToList()));
        foreach (var points in ReadMetrics(Path.Combine(folder, Metrics)).Chunk(Batch)) Decide(new SweepWrite([], points, []));
        if (records is not null) SweepRecords.Restore(folder, records);
        store.Decide(sweep, 0, null, tail => tail.Count == 0 ? new SweepWrite(events, [], []) : throw new BadInputException($"{store.Description} has a sweep {sweep} now. Import it under another name: --name NAME."));
        return sweep;

        void Decide(SweepWrite write) => store.Decide(sweep, 0, null, tail => tail.Count == 0 ? write : SweepWrite.Nothing);
    }

    /// <summary>The exported sweep that a folder is, or has in <c>sweep/</c> beside its report; null where it has none. <see cref="Import"/> says whether it is whole.</summary>
    public static string? Find(string folder) => new[] { folder, Path.Combine(folder, "sweep") }.FirstOrDefault(place => File.Exists(Path.Combine(place, Head)));

    /// <summary>Where an export has what its runs' attempts left: <c>RUN/attempt-N/</c>.</summary>
    public static string RecordsOf(string export) => Path.Combine(export, Runs);

    /// <summary>The name of an exported sweep, as it had it in the store that it was exported from.</summary>
    /// <exception cref="BadInputException">It is no export of a sweep.</exception>
    public static string NameOf(string folder) => ReadHead(folder).Sweep;

    /// <summary>What of an export is not what was exported, as sentences that begin with a file's name in it; none where all is.</summary>
    /// <exception cref="BadInputException">It is no export of a sweep, or its head cannot be read.</exception>
    public static IEnumerable<string> Faults(string folder) => Faults(folder, ReadHead(folder));

    private static IEnumerable<string> Faults(string folder, Header head)
    {
        foreach (var (file, digest) in new[] { (Events, head.EventsSha256), (Metrics, head.MetricsSha256) })
        {
            var path = Path.Combine(folder, file);
            if (!File.Exists(path)) yield return $"{file} is missing";
            else if (FileDigest.Of(path) != digest) yield return $"{file} is not what was exported: its digest differs from the one in {Head}";
        }
        // Exports of before have no digests of their records.
        if (head.RunsSha256 is not { } recorded) yield break;
        foreach (var fault in SweepRecords.Faults(folder, recorded)) yield return fault;
    }

    /// <summary>Files of predictions and samples in an export, and their bytes together.</summary>
    public static (int Files, long Bytes) Evidence(string folder) => SweepRecords.Evidence(folder);

    /// <summary>Whether an export keeps the predictions and samples of a trial's runs: of a confirmation and of an ablation's arms it does.</summary>
    public static bool KeepsEvidence(TrialStatus trial) => SweepRecords.KeepsEvidence(trial);

    private static Header ReadHead(string folder)
    {
        var path = Path.Combine(folder, Head);
        if (!File.Exists(path)) throw new BadInputException($"{Path.GetFullPath(folder)} is no export of a sweep: it has no {Head}.");
        try
        {
            return JsonSerializer.Deserialize<Header>(File.ReadAllBytes(path), RunJson.Indented) ?? throw new JsonException("It is empty.");
        }
        catch (JsonException e)
        {
            throw new BadInputException($"{path} cannot be read: {e.Message}", e);
        }
    }

    private static long WriteMetrics(StreamWriter writer, ISweepStore store, string sweep, SweepState state)
    {
        writer.Write(Columns + "\n");
        var count = 0L;
        foreach (var run in state.Trials.SelectMany(trial => trial.Runs))
        {
            foreach (var point in store.Metrics(sweep, run.Key))
            {
                // Names are snake_case words, and need no quotes.
                writer.Write(string.Create(CultureInfo.InvariantCulture, $"{run.Key.Trial},{run.Key.Index},{point.Name},{point.Step},{point.Value:R},{point.Seconds:R}\n"));
                count++;
            }
        }
        return count;
    }

    /// <summary>Events that follow from each other, and name no file outside the folders of their runs.</summary>
    private static List<SweepEvent> ReadEvents(string path)
    {
        var (events, state, number) = (new List<SweepEvent>(), new SweepState(), 0);
        try
        {
            foreach (var line in File.ReadLines(path))
            {
                number++;
                var happened = SweepLog.Read(line);
                if (happened is CheckpointRecorded checkpoint && !IsWithin(checkpoint)) throw new FormatException($"the checkpoint's file '{checkpoint.File}' does not lie in the folder of its run");
                if (number == 1 && happened is not SweepCreated) throw new FormatException("a sweep begins with 'created'");
                state.Apply(happened);
                events.Add(happened);
            }
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException or OverflowException)
        {
            throw new BadInputException($"Line {number} of {path} cannot be part of a sweep's log: {e.Message.TrimEnd('.')}. Export the sweep again with this version of Repro.", e);
        }
        return events.Count > 0 ? events : throw new BadInputException($"{path} is empty: no sweep was exported.");
    }

    private static bool IsWithin(CheckpointRecorded checkpoint) =>
        checkpoint.File.Split('/', '\\') is { Length: >= 2 } parts && !Path.IsPathRooted(checkpoint.File) && parts[0] == checkpoint.Run.ToString() && !parts.Contains("..");

    private static IEnumerable<(RunKey, MetricPoint)> ReadMetrics(string path)
    {
        var number = 1;
        foreach (var line in File.ReadLines(path).Skip(1))
        {
            number++;
            (RunKey, MetricPoint) metric;
            try
            {
                metric = ReadMetric(line);
            }
            catch (Exception e) when (e is FormatException or OverflowException or IndexOutOfRangeException)
            {
                throw new BadInputException($"Line {number} of {path} is no measured value: '{line[..Math.Min(line.Length, 80)]}'. Export the sweep again.", e);
            }
            yield return metric;
        }
    }

    private static (RunKey, MetricPoint) ReadMetric(string line)
    {
        var cells = line.Split(',');
        return (
            new RunKey(int.Parse(cells[0], CultureInfo.InvariantCulture), int.Parse(cells[1], CultureInfo.InvariantCulture)),
            new MetricPoint(cells[2], long.Parse(cells[3], CultureInfo.InvariantCulture), double.Parse(cells[4], CultureInfo.InvariantCulture), double.Parse(cells[5], CultureInfo.InvariantCulture)));
    }

    private static (long Count, string Sha256) Write(string path, Func<StreamWriter, long> content)
    {
        var count = 0L;
        Studies.Formats.DurableStorage.Replace(path, $"{path}.{Guid.NewGuid():N}{Studies.Formats.DurableStorage.PartialSuffix}", stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
            count = content(writer);
        });
        return (count, FileDigest.Of(path));
    }

    private sealed record Header(int Format, string Sweep, long Events, long Metrics, string EventsSha256, string MetricsSha256)
    {
        /// <summary>Of the digests of what the runs' attempts left; null in exports that were made before there were any.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? RunsSha256 { get; init; }
    }
}
