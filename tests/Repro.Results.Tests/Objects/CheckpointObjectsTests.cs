using System.Security.Cryptography;
using Repro.Results.Objects;
using Repro.Results.Runs;
using Repro.Studies.Formats;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;

namespace Repro.Results.Tests.Objects;

public sealed class CheckpointObjectsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FolderObjects _objects;
    private readonly CheckpointObjects _checkpoints;

    public CheckpointObjectsTests()
    {
        Directory.CreateDirectory(_folder.File("objects"));
        _objects = new FolderObjects(_folder.File("objects"));
        _checkpoints = new CheckpointObjects(_objects, "lr");
    }

    private string Target => _folder.File("there/12-0/attempt-2/step.safetensors");

    public void Dispose()
    {
        _objects.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_checkpoint_travels_to_another_machine()
    {
        var (file, recorded) = Checkpoint(400);
        _checkpoints.Upload(recorded, file);
        Assert.True(File.Exists(_folder.File("objects/sweeps/lr/12-0/attempt-2/step-000000400.safetensors")));
        Assert.Null(_checkpoints.Fetch(recorded, Target));
        Assert.Equal(recorded.Sha256, CheckpointFile.Verify(Target));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(Target)!));
        // What is here is not fetched again.
        _objects.Delete(_checkpoints.KeyOf(recorded));
        Assert.Null(_checkpoints.Fetch(recorded, Target));
    }

    [Fact]
    public void A_file_of_another_form_is_held_against_the_digest_of_all_of_it()
    {
        var (digest, bytes) = FakeTraining.Begin(7).Save(_folder.File("fake"));
        var recorded = new CheckpointRecorded(new RunKey(0, 0), 1, 0, "0-0/attempt-1/step-000000000.safetensors", digest, bytes) { At = default };
        _checkpoints.Upload(recorded, _folder.File("fake"));
        Assert.Null(_checkpoints.Fetch(recorded, Target));
        Assert.NotNull(FakeTraining.Load(Target, digest));
    }

    [Fact]
    public void One_that_is_not_there_says_so_and_leaves_nothing()
    {
        var (_, recorded) = Checkpoint(400);
        Assert.Equal($"The checkpoint sweeps/lr/12-0/attempt-2/step-000000400.safetensors is not in the folder {_folder.File("objects")}.", _checkpoints.Fetch(recorded, Target));
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public void Any_damaged_byte_and_any_other_length_is_found()
    {
        var (file, recorded) = Checkpoint(400);
        var whole = File.ReadAllBytes(file);
        var stored = _folder.File("objects/sweeps/lr/12-0/attempt-2/step-000000400.safetensors");
        _checkpoints.Upload(recorded, file);
        for (var at = 0; at < whole.Length; at += at < whole.Length - 40 ? 13 : 1)
        {
            var damaged = whole.ToArray();
            damaged[at] ^= 4;
            File.WriteAllBytes(stored, damaged);
            Assert.Contains("is damaged: its content is not that", _checkpoints.Fetch(recorded, Target), StringComparison.Ordinal);
        }
        foreach (var length in (int[])[0, 1, 31, 32, whole.Length - 1])
        {
            File.WriteAllBytes(stored, whole[..length]);
            Assert.Contains($"is damaged: it has {length} bytes, and {whole.Length} were recorded", _checkpoints.Fetch(recorded, Target), StringComparison.Ordinal);
        }
        Assert.False(File.Exists(Target));
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(Target)!));
        // Another attempt's, whole in itself, is none of this one.
        File.Copy(Checkpoint(400, value: 9).File, stored, overwrite: true);
        Assert.NotNull(_checkpoints.Fetch(recorded, Target));
    }

    [Fact]
    public void A_damaged_file_of_this_machine_is_replaced()
    {
        var (file, recorded) = Checkpoint(400);
        _checkpoints.Upload(recorded, file);
        Directory.CreateDirectory(Path.GetDirectoryName(Target)!);
        File.WriteAllBytes(Target, [.. File.ReadAllBytes(file).Reverse()]);
        Assert.Null(_checkpoints.Fetch(recorded, Target));
        Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Target));
    }

    [Fact]
    public void One_that_was_cut_off_before_it_was_sent_is_not_sent()
    {
        var (file, recorded) = Checkpoint(400);
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^1]);
        Assert.Contains($"{file} has {recorded.Bytes - 1} bytes, and its worker wrote {recorded.Bytes}", Assert.Throws<StorageException>(() => _checkpoints.Upload(recorded, file)).Message, StringComparison.Ordinal);
        Assert.Null(_objects.LengthOf(_checkpoints.KeyOf(recorded)));
    }

    [Fact]
    public void Superseded_ones_go_and_a_cut_off_one_does_not_count()
    {
        var all = ((long[])[500, 400, 300, 200, 100]).Select(step => Checkpoint(step)).ToList();
        foreach (var (file, recorded) in all) _checkpoints.Upload(recorded, file);
        File.WriteAllBytes(_folder.File("objects/" + _checkpoints.KeyOf(all[1].Recorded)), [1]);
        _objects.Delete(_checkpoints.KeyOf(all[3].Recorded));
        _checkpoints.Clean(all.ConvertAll(one => one.Recorded), kept: 2, new HashSet<string>());
        Assert.Equal([500, 300], all.Select(one => one.Recorded).Where(one => _objects.LengthOf(_checkpoints.KeyOf(one)) is not null).Select(one => one.Step));
    }

    [Fact]
    public void However_many_were_recorded_the_store_is_asked_about_those_alone_that_may_be_there()
    {
        var asked = new CountedObjects(_objects);
        var checkpoints = new CheckpointObjects(asked, "lr");
        var (recorded, gone) = (new List<CheckpointRecorded>(), new HashSet<string>());
        for (var step = 1; step <= 40; step++)
        {
            var (file, newest) = Checkpoint(step);
            checkpoints.Upload(newest, file);
            recorded.Insert(0, newest);
            asked.Questions = 0;
            checkpoints.Clean(recorded, kept: 2, gone);
            Assert.InRange(asked.Questions, 1, 4);
        }
        Assert.Equal([40, 39], recorded.Where(one => _objects.LengthOf(checkpoints.KeyOf(one)) is not null).Select(one => one.Step));
    }

    [Fact]
    public void One_that_could_not_be_removed_is_removed_by_a_later_call()
    {
        var refusing = new CountedObjects(_objects);
        var checkpoints = new CheckpointObjects(refusing, "lr");
        var all = ((long[])[400, 300, 200, 100]).Select(step => Checkpoint(step)).ToList();
        foreach (var (file, recorded) in all) checkpoints.Upload(recorded, file);
        var (newestFirst, gone) = (all.ConvertAll(one => one.Recorded), new HashSet<string>());
        refusing.Keeps = key => key.Contains("000100", StringComparison.Ordinal);
        Assert.Throws<StorageException>(() => checkpoints.Clean(newestFirst, kept: 2, gone));
        refusing.Keeps = _ => false;
        checkpoints.Clean(newestFirst, kept: 2, gone);
        Assert.Equal([400, 300], newestFirst.Where(one => _objects.LengthOf(_checkpoints.KeyOf(one)) is not null).Select(one => one.Step));
    }

    private (string File, CheckpointRecorded Recorded) Checkpoint(long step, byte value = 1)
    {
        var file = _folder.File($"{step}-{value}");
        string digest;
        using (var stream = File.Create(file)) digest = CheckpointFile.Write(stream, [new DraftTensor("weight", SafetensorsType.U8, [300], () => [.. Enumerable.Repeat(value, 300)])], new Dictionary<string, string>());
        Assert.NotEqual(digest, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))));
        return (file, new CheckpointRecorded(new RunKey(12, 0), 2, step, $"12-0/attempt-2/{CheckpointFile.NameOf(step)}", digest, new FileInfo(file).Length) { At = default });
    }

    /// <summary>Counts what is asked, and refuses to remove what a test names.</summary>
    private sealed class CountedObjects(IObjectStore inner) : IObjectStore
    {
        public int Questions { get; set; }

        public Func<string, bool> Keeps { get; set; } = _ => false;

        public string Description => inner.Description;

        public string? Id(bool makes = false, CancellationToken stop = default) => inner.Id(makes, stop);

        public void Put(string key, string file, CancellationToken stop = default) => inner.Put(key, file, stop);

        public bool Get(string key, string file, CancellationToken stop = default) => inner.Get(key, file, stop);

        public long? LengthOf(string key, CancellationToken stop = default)
        {
            Questions++;
            return inner.LengthOf(key, stop);
        }

        public void Delete(string key, CancellationToken stop = default)
        {
            Questions++;
            if (Keeps(key)) throw new StorageException("It may not be removed.");
            inner.Delete(key, stop);
        }

        public void Dispose()
        {
        }
    }
}
