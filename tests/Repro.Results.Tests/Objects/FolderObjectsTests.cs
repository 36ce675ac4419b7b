using Repro.Results.Objects;
using Repro.Results.Runs;

namespace Repro.Results.Tests.Objects;

public sealed class FolderObjectsTests : ObjectStoreContract
{
    private readonly TemporaryFolder _shared = new();

    protected override IObjectStore Open() => new FolderObjects(_shared.Path);

    public override void Dispose()
    {
        _shared.Dispose();
        base.Dispose();
    }

    [Fact]
    public void Writers_of_one_key_at_once_never_show_a_mixture() => NeverShowsAMixture();

    [Fact]
    public void A_folder_that_is_not_there_is_not_made()
    {
        var error = Assert.Throws<StorageException>(() => new FolderObjects(_shared.File("not mounted")));
        Assert.Contains($"--objects {_shared.File("not mounted")} is no folder on this machine", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_shared.File("not mounted")));
    }

    [SkippableFact]
    public void A_full_share_keeps_what_it_had_and_nothing_half()
    {
        using var disk = SmallDisk.Mount(_shared.File("disk"), kibibytes: 512);
        using var store = new FolderObjects(disk.Path);
        store.Put("a/b", FileWith(Random(1, 100_000)));
        var error = Assert.Throws<StorageException>(() => store.Put("a/b", FileWith(Random(2, 1_000_000))));
        Assert.Equal($"The object a/b could not be written to the folder {disk.Path}: no space is left on the device. Make room there; nothing half-written is left.", error.Message);
        Assert.Equal(Random(1, 100_000), Fetched(store, "a/b"));
        Assert.Single(Directory.GetFiles(Path.Combine(disk.Path, "a")));
    }

    [SkippableFact]
    public void A_share_that_refuses_to_be_written_is_named_and_can_still_be_read()
    {
        using var disk = SmallDisk.Mount(_shared.File("disk"), kibibytes: 512);
        using var store = new FolderObjects(disk.Path);
        store.Put("a/b", FileWith([1, 2]));
        disk.MakeReadOnly();
        Assert.Contains($"The object a/b could not be written to the folder {disk.Path}: ", Assert.Throws<StorageException>(() => store.Put("a/b", FileWith([3]))).Message, StringComparison.Ordinal);
        Assert.Contains("could not be deleted from", Assert.Throws<StorageException>(() => store.Delete("a/b")).Message, StringComparison.Ordinal);
        Assert.Equal([1, 2], Fetched(store, "a/b"));
    }

    [SkippableFact]
    public void A_share_that_is_unmounted_has_lost_nothing_and_its_empty_folder_takes_nothing()
    {
        var place = _shared.File("disk");
        using var store = new FolderObjects(Directory.CreateDirectory(place).FullName);
        Assert.Null(store.LengthOf("a/b"));
        using (var disk = SmallDisk.Mount(place, kibibytes: 512))
        {
            store.Put("a/b", FileWith([1, 2]));
            Assert.Null(store.LengthOf("a/c"));
        }
        RefusesAll(store, " before. Is it still mounted, and its server in reach?", $"the folder {place}: it has no .repro-objects, and was the place ");
        Assert.Empty(Directory.GetFileSystemEntries(place));
    }

    [SkippableFact]
    public void What_another_process_writes_under_the_mount_of_a_share_that_is_away_is_not_taken_for_the_share()
    {
        var place = Directory.CreateDirectory(_shared.File("disk")).FullName;
        using var store = new FolderObjects(place);
        string share;
        using (var disk = SmallDisk.Mount(place, kibibytes: 512))
        {
            store.Put("a/b", FileWith([1, 2]));
            share = store.Id()!;
        }
        using var newcomer = new FolderObjects(place);
        newcomer.Put("a/c", FileWith([9]));
        Assert.NotEqual(share, newcomer.Id());
        RefusesAll(store, $"the folder {place}: by its .repro-objects it is the place {newcomer.Id()}, and it was {share} before. Is it still mounted, and its server in reach?");
        Assert.Throws<StorageException>(() => store.Delete("a/c"));
        Assert.Throws<StorageException>(() => store.Id(makes: true));
        Assert.False(File.Exists(Path.Combine(place, "a", "b")));
        Assert.Equal([9], Fetched(newcomer, "a/c"));
    }

    [Fact]
    public async Task Of_many_that_use_a_place_first_at_once_all_see_one_id()
    {
        using var gate = new Barrier(8);
        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(() =>
        {
            using var store = new FolderObjects(_shared.Path);
            gate.SignalAndWait();
            return store.Id(makes: true);
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.NotNull(Assert.Single(ids.Distinct()));
        Assert.Equal([_shared.File(".repro-objects")], Directory.GetFiles(_shared.Path));
    }

    [Fact]
    public void A_place_with_objects_of_an_older_version_gets_an_id_once_it_is_written_to()
    {
        Directory.CreateDirectory(_shared.File("a"));
        File.WriteAllBytes(_shared.File("a/b"), [4]);
        using var store = Open();
        Assert.Equal([4], Fetched(store, "a/b"));
        Assert.Null(store.Id());
        store.Put("a/c", FileWith([5]));
        Assert.NotNull(store.Id());
        Assert.Equal([4], Fetched(store, "a/b"));
    }

    [Fact]
    public void A_folder_that_is_removed_meanwhile_has_lost_nothing_is_not_made_again_and_serves_once_it_is_back()
    {
        var (place, elsewhere) = (_shared.File("objects"), _shared.File("elsewhere"));
        using var store = new FolderObjects(Directory.CreateDirectory(place).FullName);
        store.Put("a/b", FileWith([1, 2]));
        Directory.Move(place, elsewhere);
        RefusesAll(store, $"the folder {place}: it is not there any more. Is it still mounted, and its server in reach?");
        Assert.False(Directory.Exists(place));
        Directory.Move(elsewhere, place);
        Assert.Equal([1, 2], Fetched(store, "a/b"));
    }

    private void RefusesAll(FolderObjects store, string why, string whyFirst = "")
    {
        var (file, target) = (FileWith([3]), Local.File("target"));
        foreach (var asks in (Action[])[() => store.LengthOf("a/b"), () => store.Get("a/b", target), () => store.Put("a/b", file)])
        {
            var message = Assert.Throws<StorageException>(asks).Message;
            Assert.EndsWith(why, message, StringComparison.Ordinal);
            Assert.Contains(whyFirst, message, StringComparison.Ordinal);
        }
        Assert.False(File.Exists(target));
    }

    [Fact]
    public void A_folder_in_a_keys_place_is_an_error_that_names_it()
    {
        using var store = Open();
        store.Put("a/b/c", FileWith([1]));
        Assert.Contains("The object a/b could not be written", Assert.Throws<StorageException>(() => store.Put("a/b", FileWith([2]))).Message, StringComparison.Ordinal);
        Assert.Contains("The object a/b/c/d could not be written", Assert.Throws<StorageException>(() => store.Put("a/b/c/d", FileWith([2]))).Message, StringComparison.Ordinal);
        Assert.Null(store.LengthOf("a/b/c/d"));
        Assert.Equal([1], Fetched(store, "a/b/c"));
        Assert.Equal([_shared.File(".repro-objects"), _shared.File("a/b/c")], Directory.GetFiles(_shared.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_writer_that_is_killed_leaves_no_object()
    {
        Directory.CreateDirectory(_shared.File("sweeps"));
        var source = Local.File("large");
        using (var file = File.Create(source)) file.SetLength(300 << 20);
        KilledPut.Run(_shared.Path, "sweeps/step", source, watched: _shared.File("sweeps"), begun: name => name.EndsWith(".partial", StringComparison.Ordinal));
        Assert.Single(Directory.GetFiles(_shared.File("sweeps"), "*.partial"));
        using var store = Open();
        Assert.Null(store.LengthOf("sweeps/step"));
        Assert.False(store.Get("sweeps/step", Local.File("none")));
        store.Put("sweeps/step", FileWith([1, 2]));
        Assert.Equal([1, 2], Fetched(store, "sweeps/step"));
    }
}
