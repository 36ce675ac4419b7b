using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Repro.Studies;
using Repro.Training;
using Repro.Training.Datasets;
using Repro.Workers;

namespace Repro.Cli.Workers;

/// <summary>What a worker on this machine would train with.</summary>
/// <param name="Engine">See <see cref="EngineInfo.BuildIdentity"/>.</param>
/// <param name="Data">Identities of data sets by name; those that are not here or cannot be read are left out.</param>
internal sealed record MachineDescription(string Engine, string EngineName, IReadOnlyDictionary<string, string> Data)
{
    private static readonly SortedDictionary<string, string> Nothing = new(StringComparer.Ordinal);

    /// <summary>Full paths of the folders that data sets were read from, by name; empty where an older program does not say.</summary>
    public IReadOnlyDictionary<string, string> Folders { get; init; } = Nothing;

    /// <summary>Why data sets cannot be read, by name: which file, and how that is mended. Empty where an older program does not say.</summary>
    public IReadOnlyDictionary<string, string> Faults { get; init; } = Nothing;

    // Data sets are read whole, from a slow share perhaps.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Of this process. Loads the engine, and reads the data sets whole.</summary>
    public static MachineDescription Here(Surroundings surroundings, IEnumerable<string> sets, DataFolders folders)
    {
        var engine = surroundings.Engine();
        SortedDictionary<string, string> data = new(StringComparer.Ordinal), places = new(StringComparer.Ordinal), faults = new(StringComparer.Ordinal);
        foreach (var set in sets)
        {
            try
            {
                var entry = DatasetRegistry.Find(set);
                places[set] = entry.Require(folders).Path;
                data[set] = entry.Load(folders).Identity;
            }
            catch (Exception error) when (error is BadInputException or MissingComponentException)
            {
                faults[set] = error.Message;
            }
        }
        return new MachineDescription(engine.Build, engine.Name, data) { Folders = places, Faults = faults };
    }

    /// <summary>Of the program that a worker of a sweep is, asked in a process of its own.</summary>
    /// <param name="worker">What starts a worker.</param>
    /// <exception cref="BadInputException">The program cannot be started, or does not say.</exception>
    public static async Task<MachineDescription> Of(IReadOnlyList<string> worker, IReadOnlyDictionary<string, string> environment, IEnumerable<string> sets, string? dataFolder, CancellationToken stop)
    {
        var start = new ProcessStartInfo(worker[0], [.. worker.Skip(1), "--describe", .. sets, .. dataFolder is null ? [] : new[] { "--data-dir", dataFolder }]) { RedirectStandardOutput = true, RedirectStandardError = true };
        HostSecrets.TakeFrom(start);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Patience);
        await using var ending = limit.Token.Register(() => process.Kill(entireProcessTree: true));
        var (said, complained) = (process.StandardOutput.ReadToEndAsync(CancellationToken.None), process.StandardError.ReadToEndAsync(CancellationToken.None));
        await process.WaitForExitAsync(CancellationToken.None);
        stop.ThrowIfCancellationRequested();
        if (limit.IsCancellationRequested) throw new BadInputException($"The sweep's program has not said for {Patience.TotalMinutes:0} minutes which engine and data this machine has, and was ended.");
        return process.ExitCode == 0 ? Parse(await said) : throw new BadInputException($"The sweep's program does not start on this machine: {(await complained).Trim()}");
    }

    public JsonObject ToJson() => new()
    {
        ["engine"] = Engine, ["engine_name"] = EngineName, ["data"] = ToJson(Data), ["data_folders"] = ToJson(Folders), ["data_faults"] = ToJson(Faults),
    };

    private static JsonObject ToJson(IReadOnlyDictionary<string, string> named) => new(named.Select(one => KeyValuePair.Create(one.Key, (JsonNode?)one.Value)));

    internal static MachineDescription Parse(string text)
    {
        try
        {
            var json = JsonNode.Parse(text)!.AsObject();
            return new MachineDescription((string)json["engine"]!, (string)json["engine_name"]!, Named("data")!) { Folders = Named("data_folders") ?? Nothing, Faults = Named("data_faults") ?? Nothing };

            IReadOnlyDictionary<string, string>? Named(string name) => json[name]?.AsObject().ToDictionary(set => set.Key, set => (string)set.Value!);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new BadInputException($"The sweep's program does not say what this machine has; it said: {text[..Math.Min(200, text.Length)]}", error);
        }
    }
}
