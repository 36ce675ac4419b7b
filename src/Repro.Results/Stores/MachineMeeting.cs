using System.Text.Json;
using System.Text.Json.Serialization;
using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Results.Stores;

/// <summary>
/// Where the silos of a one-machine cluster find each other: the first one has a lock of the operating system in a folder beside the SQLite store, and notes its ports
/// there. The lock is gone with its process however that ends; whoever comes next is then the first.
/// </summary>
public sealed class MachineMeeting : IDisposable
{
    private const string PortsFile = "ports.json";

    private readonly RunLock _lock;
    private readonly string _folder;

    private MachineMeeting(RunLock held, string folder) => (_lock, _folder) = (held, folder);

    /// <param name="store">The SQLite file.</param>
    public static string FolderOf(string store) => $"{store}.cluster";

    /// <summary>Becomes the first silo, where there is none.</summary>
    /// <param name="folder">Made where it is absent.</param>
    /// <returns>Null where another process is the first.</returns>
    /// <exception cref="StorageException">The folder cannot be written.</exception>
    public static MachineMeeting? Begin(string folder, MeetingPorts ports)
    {
        MakeFolder(folder);
        RunLock held;
        try
        {
            held = RunLock.Take(folder, holder => $"Another silo is the first{holder}.");
        }
        catch (BadInputException)
        {
            return null;
        }
        try
        {
            DurableFile.Write(Path.Combine(folder, PortsFile), JsonSerializer.SerializeToUtf8Bytes(ports, MeetingContext.Default.MeetingPorts));
        }
        catch
        {
            held.Dispose();
            throw;
        }
        return new MachineMeeting(held, folder);
    }

    /// <summary>Takes a silo's name on this machine, until what is returned is disposed of or the process ends.</summary>
    /// <param name="folder">Made where it is absent.</param>
    /// <exception cref="BadInputException">A living silo has it.</exception>
    /// <exception cref="StorageException">The folder cannot be written.</exception>
    public static IDisposable TakeName(string folder, string silo)
    {
        var own = Path.Combine(folder, $"silo-{silo}");
        MakeFolder(own);
        return RunLock.Take(own, holder => $"A silo called {silo} works here already{holder}. Give this one a name of its own: --name NAME. To end that one: ./repro cluster drain {silo}");
    }

    /// <returns>Null where no silo is the first, or it has not noted them yet.</returns>
    public static MeetingPorts? Find(string folder)
    {
        if (!RunLock.IsHeld(folder)) return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, PortsFile)), MeetingContext.Default.MeetingPorts);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        File.Delete(Path.Combine(_folder, PortsFile));
        _lock.Dispose();
    }

    private static void MakeFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The folder {folder}, where silos meet, cannot be written: {StorageException.Reason(e)}.", e);
        }
    }
}

/// <param name="Silos">At which the first silo speaks with others.</param>
/// <param name="Clients">At which it speaks with clients.</param>
public sealed record MeetingPorts(int Silos, int Clients);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(MeetingPorts))]
internal sealed partial class MeetingContext : JsonSerializerContext;
