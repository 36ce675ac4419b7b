using System.Runtime.InteropServices;

namespace Repro.Studies.Formats;

/// <summary>Keeps a read from waiting for ever: opening a named pipe waits for somebody who writes into it.</summary>
public static partial class RegularFile
{
    /// <summary>Refuses a pipe, a socket or a device, also through a link, without opening it. What is not there is left to whoever opens it.</summary>
    /// <remarks>.NET tells none of them from a file. Asks Linux alone, by statx, whose layout is one on all processors; on other systems everything passes for a regular file.</remarks>
    /// <exception cref="BadInputException">It is no regular file.</exception>
    public static void Require(string path)
    {
        if (OtherKind(path) is { } kind) throw new BadInputException($"{Path.GetFullPath(path)} is {kind}, and no regular file; name a file, into which its content was saved.");
    }

    /// <summary>What lies there that is no regular file, also through a link, for people: <c>a pipe</c>, <c>a device</c>, <c>a folder</c>. Null for a regular file and where nothing is. Nothing is opened.</summary>
    /// <inheritdoc cref="Require" path="/remarks"/>
    public static string? OtherKind(string path)
    {
        const int WorkingFolder = -100, FollowLinks = 0, OnlyType = 1, ModeOffset = 28, TypeMask = 0xF000, Regular = 0x8000;
        if (!OperatingSystem.IsLinux()) return null;
        var status = new byte[256];
        if (Status(WorkingFolder, path, FollowLinks, OnlyType, status) != 0) return null;
        return (MemoryMarshal.Read<ushort>(status.AsSpan(ModeOffset)) & TypeMask) switch
        {
            Regular => null,
            0x1000 => "a pipe",
            0x2000 or 0x6000 => "a device",
            0x4000 => "a folder",
            0xC000 => "a socket",
            _ => "something else",
        };
    }

    /// <summary>What tells a file from another one that was put in its place: its inode. Null where it is not there, and on systems other than Linux.</summary>
    public static ulong? Inode(string path)
    {
        const int WorkingFolder = -100, FollowLinks = 0, OnlyInode = 0x100, InodeOffset = 32;
        if (!OperatingSystem.IsLinux()) return null;
        var status = new byte[256];
        return Status(WorkingFolder, path, FollowLinks, OnlyInode, status) == 0 ? MemoryMarshal.Read<ulong>(status.AsSpan(InodeOffset)) : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int folder, string path, int flags, uint mask, [Out] byte[] status);
}
