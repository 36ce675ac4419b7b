using Repro.Studies.Formats;

namespace Repro.Training.Checkpoints;

/// <summary>
/// A folder whose files are each absent or whole after a crash or a power loss (<see cref="DurableStorage"/>), and which forgets what a killed writer left.
/// </summary>
public sealed class DurableFolder
{
    /// <summary>Creates the folder where it is not there, and removes partial files that a killed writer left in it.</summary>
    public DurableFolder(string folder)
    {
        Folder = Path.GetFullPath(folder);
        if (!Directory.Exists(Folder))
        {
            Directory.CreateDirectory(Folder);
            if (Path.GetDirectoryName(Folder) is { } parent && DurableStorage.SyncFolder(parent)) FoldersSynced++;
        }
        foreach (var partial in Directory.EnumerateFiles(Folder, "*" + DurableStorage.PartialSuffix)) File.Delete(partial);
    }

    public string Folder { get; }

    /// <summary>Files that were synced to disk so far.</summary>
    public long FilesSynced { get; private set; }

    /// <summary>Times that a folder was synced to disk so far.</summary>
    public long FoldersSynced { get; private set; }

    /// <summary>Writes a file, in place of one with the same name; returns its full path when it is durable.</summary>
    /// <param name="content">Writes the content; where it throws, nothing is left of the file and an earlier one stays as it was.</param>
    /// <exception cref="IOException">The disk is full, or cannot be written.</exception>
    public string Write(string name, Action<Stream> content)
    {
        var final = Path.Combine(Folder, name);
        var folderSynced = DurableStorage.Replace(final, final + DurableStorage.PartialSuffix, content);
        FilesSynced++;
        if (folderSynced) FoldersSynced++;
        return final;
    }
}
