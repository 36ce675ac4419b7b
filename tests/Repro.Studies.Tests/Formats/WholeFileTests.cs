using System.Diagnostics;
using Repro.Shared;
using Repro.Studies.Formats;

namespace Repro.Studies.Tests.Formats;

public sealed class WholeFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-whole-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_is_made_with_its_folder_and_nothing_else_is_left()
    {
        WholeFile.Write(At("new/file"), [1, 2]);
        Assert.Equal([1, 2], File.ReadAllBytes(At("new/file")));
        Assert.Equal([At("new/file")], Directory.GetFiles(At("new")));
    }

    [Fact]
    public void A_write_that_fails_leaves_the_earlier_file_and_nothing_else()
    {
        File.WriteAllBytes(At("file"), [1, 2]);
        Assert.Throws<InvalidDataException>(() => WholeFile.Write(At("file"), stream =>
        {
            stream.Write([9]);
            throw new InvalidDataException();
        }));
        Assert.Equal([1, 2], File.ReadAllBytes(At("file")));
        Assert.Equal([At("file")], Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_file_is_replaced_and_not_written_into_so_that_who_reads_the_earlier_one_keeps_it_whole()
    {
        File.WriteAllBytes(At("file"), [1, 2]);
        using var reader = new FileStream(At("file"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        WholeFile.Write(At("file"), [3]);
        Assert.Equal((1, 2, 3), (reader.ReadByte(), reader.ReadByte(), File.ReadAllBytes(At("file"))[0]));
    }

    [Fact]
    public void A_file_keeps_its_permissions()
    {
        if (OperatingSystem.IsWindows()) return; // it has no such permissions
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.WriteAllBytes(At("file"), [1]);
        File.SetUnixFileMode(At("file"), Private);
        WholeFile.Write(At("file"), [2]);
        Assert.Equal(Private, File.GetUnixFileMode(At("file")));
    }

    [Fact]
    public void A_link_stays_and_what_it_leads_to_is_replaced_or_made()
    {
        Directory.CreateDirectory(At("deep/er"));
        File.WriteAllBytes(At("deep/file"), [1]);
        File.CreateSymbolicLink(At("deep/er/link"), "../file");
        Directory.CreateSymbolicLink(At("also"), "deep/er");
        WholeFile.Write(At("also/link"), [2]);
        Assert.Equal("../file", new FileInfo(At("deep/er/link")).LinkTarget);
        Assert.Equal([2], File.ReadAllBytes(At("deep/file")));
        File.CreateSymbolicLink(At("to-nothing"), "deep/later");
        WholeFile.Write(At("to-nothing"), [3]);
        Assert.Equal(("deep/later", 3), (new FileInfo(At("to-nothing")).LinkTarget, File.ReadAllBytes(At("deep/later"))[0]));
    }

    [SkippableFact]
    public void A_pipe_stays_one_and_its_reader_gets_what_is_written_also_through_a_link()
    {
        Skip.IfNot(NamedPipe.Make(At("pipe")), "there is no mkfifo here");
        File.CreateSymbolicLink(At("link"), "pipe");
        using var pipe = NamedPipe.Open(At("pipe"));
        foreach (var (name, content) in new[] { ("pipe", 7), ("link", 8) })
        {
            WholeFile.Write(At(name), [(byte)content]);
            Assert.Equal("a pipe", RegularFile.OtherKind(At("pipe")));
            Assert.Equal(content, pipe.ReadByte());
        }
        Assert.Equal([At("link"), At("pipe")], Directory.GetFiles(_folder).Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    public void A_device_stays_one()
    {
        // A node of the test's own for what /dev/null is: 1, 3. Only root may make it.
        Skip.IfNot(OperatingSystem.IsLinux() && File.Exists("/usr/bin/mknod"), "there is no mknod here");
        using (var making = Process.Start(new ProcessStartInfo("/usr/bin/mknod", [At("null"), "c", "1", "3"]) { RedirectStandardError = true })!)
        {
            making.WaitForExit();
            Skip.IfNot(making.ExitCode == 0 && CanBeOpened(At("null")), "devices cannot be made here");
        }
        WholeFile.Write(At("null"), [1, 2, 3]);
        Assert.Equal("a device", RegularFile.OtherKind(At("null")));
    }

    [Fact]
    public void A_folder_is_no_file_and_stays()
    {
        Directory.CreateDirectory(At("folder"));
        Assert.ThrowsAny<SystemException>(() => WholeFile.Write(At("folder"), [1]));
        Assert.Equal([At("folder")], Directory.GetFileSystemEntries(_folder));
    }

    // Not on a file system that is mounted without devices.
    private static bool CanBeOpened(string device)
    {
        try
        {
            using var opened = new FileStream(device, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private string At(string path) => Path.Combine(_folder, path);
}
