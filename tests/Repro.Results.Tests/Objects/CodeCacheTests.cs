using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Repro.Results.Objects;
using Repro.Results.Runs;
using Repro.Results.Tests.Stores;
using Repro.Workers.FakeWorker;

namespace Repro.Results.Tests.Objects;

/// <summary>What processes that are killed, disks and other processes at the same time do to the bundles that a machine has unpacked.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class CodeCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FolderObjects _objects;
    private readonly SettableTime _time = new(new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero));

    public CodeCacheTests()
    {
        Directory.CreateDirectory(_folder.File("objects"));
        _objects = new FolderObjects(_folder.File("objects"));
    }

    private string Place => _folder.File("cache");

    private CodeCache Cache => new(Place, _time);

    public void Dispose()
    {
        _objects.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_damaged_cut_off_lost_or_unstartable_file_is_mended()
    {
        var id = Bundle(seed: 1);
        var unpacked = Cache.Unpack(id, _objects);
        var whole = Content(unpacked);
        Action<string>[] damages =
        [
            file => File.Delete(file),
            file => File.WriteAllBytes(file, File.ReadAllBytes(file)[..10]),
            file => File.WriteAllBytes(file, [.. File.ReadAllBytes(file).Select(b => (byte)(b ^ 1))]),
            file => File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite),
            file =>
            {
                File.Move(file, _folder.File("elsewhere"), overwrite: true);
                File.CreateSymbolicLink(file, _folder.File("elsewhere"));
            },
        ];
        foreach (var damage in damages)
        {
            damage(Path.Combine(unpacked, "bin", "program"));
            damage(Path.Combine(unpacked, "a.dll"));
            damage(Path.Combine(unpacked, ".manifest"));
            Assert.Equal(unpacked, Cache.Unpack(id, _objects));
            Assert.Equal(whole, Content(unpacked));
            Assert.Null(new FileInfo(Path.Combine(unpacked, "a.dll")).LinkTarget);
            Assert.True((File.GetUnixFileMode(Path.Combine(unpacked, "bin", "program")) & UnixFileMode.UserExecute) != 0);
        }
    }

    [Fact]
    public void What_is_whole_needs_no_store()
    {
        var id = Bundle(seed: 1);
        var unpacked = Cache.Unpack(id, _objects);
        Directory.Delete(_folder.File("objects"), recursive: true);
        Assert.Equal(unpacked, Cache.Unpack(id, _objects));
        File.Delete(Path.Combine(unpacked, "a.dll"));
        Assert.Throws<StorageException>(() => Cache.Unpack(id, _objects));
    }

    [Fact]
    public void A_link_in_a_folders_place_leads_nothing_out_of_the_cache()
    {
        var id = Bundle(seed: 1);
        Directory.CreateDirectory(_folder.File("outside"));
        Directory.CreateDirectory(Path.Combine(Place, id));
        Directory.CreateSymbolicLink(Path.Combine(Place, id, "bin"), _folder.File("outside"));
        Assert.Contains("is a link to", Assert.Throws<StorageException>(() => Cache.Unpack(id, _objects)).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.File("outside")));
    }

    [SkippableFact]
    public void A_full_disk_is_named_and_what_was_unpacked_is_gone_on_from()
    {
        var id = Bundle(seed: 1, bytes: 300_000);
        using var disk = SmallDisk.Mount(_folder.File("disk"), kibibytes: 200);
        var cache = new CodeCache(Path.Combine(disk.Path, "cache"), _time);
        Assert.Contains("no space is left on the device", Assert.Throws<StorageException>(() => cache.Unpack(id, _objects)).Message, StringComparison.Ordinal);
        disk.Grow(4000);
        Assert.Equal(300_000, new FileInfo(Path.Combine(cache.Unpack(id, _objects), "a.dll")).Length);
    }

    [Fact]
    public void Processes_that_unpack_one_bundle_at_once_all_get_it_whole()
    {
        var id = Bundle(seed: 1, bytes: 3_000_000);
        var processes = Enumerable.Range(0, 3).Select(_ => Unpacking(id)).ToList();
        var threads = Enumerable.Range(0, 3).Select(_ => Task.Run(() => Cache.Unpack(id, _objects))).ToArray();
        var folders = processes.Select(process => process.StandardOutput.ReadLine()).Concat(threads.Select(thread => thread.Result)).ToList();
        Assert.All(folders, folder => Assert.Equal(Path.Combine(Place, id), folder));
        foreach (var process in processes)
        {
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
            process.Dispose();
        }
        Assert.Empty(Directory.GetFiles(Place, "*.partial", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task One_that_has_unpacked_a_bundle_of_many_files_does_not_disturb_another_that_still_does()
    {
        var files = Enumerable.Range(0, 300).Select(i => $"{Stored(Encoding.UTF8.GetBytes($"file {i:000}"))} 8 - f{i:000}\n");
        var id = Stored(Encoding.UTF8.GetBytes($"repro-code 1\n{string.Concat(files)}"));
        for (var round = 0; round < 10; round++)
        {
            using var apart = new Barrier(2);
            await Task.WhenAll(Enumerable.Range(0, 2).Select(number => Task.Run(() =>
            {
                apart.SignalAndWait();
                // The second is behind by what it takes to look for an absent bundle.
                if (number == 1) Assert.ThrowsAny<Exception>(() => new CodeCache(Place).Unpack(new string('0', 64), _objects));
                Assert.Equal(Path.Combine(Place, id), new CodeCache(Place).Unpack(id, _objects));
            })));
            Assert.Equal(300, Directory.GetFiles(Path.Combine(Place, id), "f*").Length);
            Directory.Delete(Path.Combine(Place, id), recursive: true);
        }
    }

    [Fact]
    public async Task An_unpacker_that_is_killed_leaves_a_cache_that_the_next_one_completes()
    {
        var id = Bundle(seed: 1, bytes: 100_000_000);
        var folder = Path.Combine(Place, id);
        Directory.CreateDirectory(folder);
        var unpacked = Path.Combine(folder, "a.dll");
        // A kill that comes after the end is none: then once more.
        for (var tries = 0; tries == 0 || (File.Exists(unpacked) && tries < 20); tries++)
        {
            File.Delete(unpacked);
            await KillInTheMiddle(id, folder);
        }
        Assert.False(File.Exists(unpacked));
        Assert.NotEmpty(Directory.GetFiles(folder, "*.partial"));
        _time.Now = new DateTimeOffset(DateTime.UtcNow);
        Assert.Equal(folder, Cache.Unpack(id, _objects));
        Assert.Equal(100_000_000, new FileInfo(unpacked).Length);
        // What the killed one left goes when something is unpacked a day later.
        _time.Now += TimeSpan.FromDays(2);
        Cache.Unpack(Bundle(seed: 2), _objects);
        Assert.Empty(Directory.GetFiles(folder, "*.partial"));
    }

    private async Task KillInTheMiddle(string id, string folder)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(folder);
        watcher.Created += (_, made) =>
        {
            if (made.Name!.StartsWith("a.dll.", StringComparison.Ordinal)) begun.TrySetResult();
        };
        watcher.EnableRaisingEvents = true;
        using var process = Unpacking(id);
        await Task.WhenAny(begun.Task, process.WaitForExitAsync());
        process.Kill();
        await process.WaitForExitAsync();
    }

    [Fact]
    public void Bundles_that_nobody_asked_for_in_a_month_go_when_another_is_unpacked()
    {
        var (old, used, last) = (Bundle(seed: 1), Bundle(seed: 2), Bundle(seed: 3));
        Cache.Unpack(old, _objects);
        Cache.Unpack(used, _objects);
        _time.Now += TimeSpan.FromDays(20);
        Cache.Unpack(used, _objects);
        _time.Now += TimeSpan.FromDays(11);
        File.WriteAllText(Path.Combine(Place, "something of a person's"), "");
        Directory.CreateDirectory(Path.Combine(Place, "folder of a person's"));
        Cache.Unpack(last, _objects);
        Assert.Equal(((string[])["folder of a person's", used, last]).Order(StringComparer.Ordinal), Directory.GetDirectories(Place).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.True(File.Exists(Path.Combine(Place, "something of a person's")));
    }

    [Fact]
    public void Where_room_is_short_the_longest_unused_go_but_none_of_the_last_day()
    {
        var ids = Enumerable.Range(0, 4).Select(seed => Bundle(seed, bytes: 1000)).ToList();
        var cache = new CodeCache(Place, _time) { MostBytes = 2 * 1500 };
        foreach (var id in ids[..3])
        {
            cache.Unpack(id, _objects);
            _time.Now += TimeSpan.FromHours(1);
        }
        Assert.Equal(3, Directory.GetDirectories(Place).Length);
        _time.Now += TimeSpan.FromDays(2);
        cache.Unpack(ids[3], _objects);
        Assert.Equal(ids[2..].Order(StringComparer.Ordinal), Directory.GetDirectories(Place).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
    }

    private Process Unpacking(string id) =>
        Process.Start(new ProcessStartInfo(FakeHost.Dotnet, [FakeHost.Program, "unpack", _folder.File("objects"), id, Place]) { RedirectStandardOutput = true })!;

    /// <returns>The id of a bundle with a file of so many bytes and a small program.</returns>
    private string Bundle(int seed, int bytes = 1000)
    {
        var content = new byte[bytes];
        new Random(seed).NextBytes(content);
        var (large, program) = (Stored(content), Stored("#!/bin/sh\n"u8.ToArray()));
        return Stored(Encoding.UTF8.GetBytes($"repro-code 1\n{large} {bytes} - a.dll\n{program} 10 x bin/program\n"));
    }

    private string Stored(byte[] content)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(content));
        File.WriteAllBytes(_folder.File("content"), content);
        _objects.Put($"code/sha256/{digest[..2]}/{digest}", _folder.File("content"));
        return digest;
    }

    private static Dictionary<string, string> Content(string folder) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(file => Path.GetRelativePath(folder, file), file => Convert.ToHexString(File.ReadAllBytes(file)));
}
