using Repro.Results.Objects;
using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Results.Tests.Objects;

/// <summary>What every store of objects has to do. Derived once for each of them.</summary>
public abstract class ObjectStoreContract : IDisposable
{
    private const string Key = "sweeps/lr/12-0/attempt-2/step-000000400.safetensors";

    protected TemporaryFolder Local { get; } = new();

    /// <summary>The place of this test, empty at first. Skips the test where there is none.</summary>
    protected abstract IObjectStore Open();

    public virtual void Dispose()
    {
        Local.Dispose();
        GC.SuppressFinalize(this);
    }

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    [InlineData(20_000_001)]
    public void What_is_fetched_is_what_was_stored(int bytes)
    {
        using var store = Open();
        var content = Random(seed: bytes, bytes);
        store.Put(Key, FileWith(content));
        Assert.Equal(bytes, store.LengthOf(Key));
        var target = Local.File("a/folder/that is not there/fetched");
        Assert.True(store.Get(Key, target));
        Assert.Equal(content, File.ReadAllBytes(target));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(target)!));
    }

    [SkippableFact]
    public void A_place_has_an_id_from_its_first_use_on_and_keeps_it()
    {
        using var store = Open();
        Assert.Null(store.Id());
        var id = store.Id(makes: true);
        Assert.Matches("^[0-9a-f]{32}$", id);
        store.Put(Key, FileWith([1]));
        using var another = Open();
        Assert.Equal((id, id, id), (store.Id(), another.Id(), another.Id(makes: true)));
    }

    [SkippableFact]
    public void What_is_stored_again_is_replaced()
    {
        using var store = Open();
        store.Put(Key, FileWith(Random(1, 5000)));
        store.Put(Key, FileWith(Random(2, 300)));
        Assert.Equal(Random(2, 300), Fetched(store, Key));
    }

    [SkippableFact]
    public void A_key_that_is_absent_is_no_error_and_leaves_the_file_alone()
    {
        using var store = Open();
        store.Put("sweeps/lr/another", FileWith([1]));
        var target = Local.File("target");
        File.WriteAllText(target, "as it was");
        Assert.False(store.Get(Key, target));
        Assert.Null(store.LengthOf(Key));
        Assert.Equal("as it was", File.ReadAllText(target));
        // The beginning of a key is none.
        Assert.Null(store.LengthOf("sweeps/lr"));
        Assert.False(store.Get("sweeps/lr", target));
        store.Delete("sweeps/lr");
        Assert.Equal(1, store.LengthOf("sweeps/lr/another"));
    }

    [SkippableFact]
    public void Deleting_twice_is_as_deleting_once()
    {
        using var store = Open();
        store.Put(Key, FileWith([1, 2]));
        store.Put(Key + ".json", FileWith([3]));
        store.Delete(Key);
        store.Delete(Key);
        store.Delete("nothing/ever/was/here");
        Assert.Null(store.LengthOf(Key));
        Assert.False(store.Get(Key, Local.File("gone")));
        Assert.Equal([3], Fetched(store, Key + ".json"));
    }

    [SkippableTheory]
    [InlineData("with space/ leading and trailing ")]
    [InlineData("percent%20/%2F/100%")]
    [InlineData("plus+and&amp=eq?query#fragment;semi,colon:@")]
    [InlineData("quotes'\"`$(x)*[a-z]!\\back|<pipe>~^{}")]
    [InlineData("größe/日本語/🜁/e\u0301")]
    [InlineData("...dots/..two/.hidden/trailing.")]
    [InlineData("UPPER/upper")]
    [InlineData("upper/UPPER")]
    public void Keys_are_taken_to_the_letter(string key)
    {
        using var store = Open();
        var other = key.Replace("%20", " ", StringComparison.Ordinal).Replace('+', ' ').ToUpperInvariant();
        store.Put(key, FileWith([1, 2, 3]));
        Assert.Equal([1, 2, 3], Fetched(store, key));
        if (other != key) Assert.Null(store.LengthOf(other));
        store.Delete(key);
        Assert.Null(store.LengthOf(key));
    }

    [SkippableTheory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("../outside")]
    [InlineData("a/../../outside")]
    [InlineData("a/./b")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("line\nbreak")]
    [InlineData("nul\0")]
    [InlineData("an/unfinished.partial")]
    public void A_key_that_breaks_the_rule_is_refused(string key)
    {
        using var store = Open();
        var file = FileWith([1]);
        Assert.Contains("is no key of an object", Assert.Throws<BadInputException>(() => store.Put(key, file)).Message, StringComparison.Ordinal);
        Assert.Throws<BadInputException>(() => store.Get(key, file));
        Assert.Throws<BadInputException>(() => store.LengthOf(key));
        Assert.Throws<BadInputException>(() => store.Delete(key));
    }

    [SkippableFact]
    public void A_name_of_200_bytes_is_a_key_and_one_of_201_or_no_text_is_not()
    {
        using var store = Open();
        var longest = new string('x', 199) + "y";
        store.Put($"a/{longest}", FileWith([7]));
        Assert.Equal([7], Fetched(store, $"a/{longest}"));
        Assert.Throws<BadInputException>(() => store.LengthOf($"a/{longest}z"));
        Assert.Throws<BadInputException>(() => store.LengthOf("half of a pair \ud83d"));
        Assert.Throws<BadInputException>(() => store.LengthOf(string.Join('/', Enumerable.Repeat("12345678", 90))));
    }

    [SkippableFact]
    public void A_file_that_is_not_there_is_named_and_nothing_is_stored()
    {
        using var store = Open();
        var error = Assert.Throws<StorageException>(() => store.Put(Key, Local.File("nowhere")));
        Assert.Contains($"{Local.File("nowhere")}, which is to be stored, cannot be read: it is not there.", error.Message, StringComparison.Ordinal);
        Assert.Null(store.LengthOf(Key));
    }

    [SkippableFact]
    public void A_full_disk_at_the_reader_is_told_from_one_of_the_store()
    {
        using var store = Open();
        using var disk = SmallDisk.Mount(Local.File("disk"), kibibytes: 256);
        store.Put(Key, FileWith(Random(3, 1_000_000)));
        var target = Path.Combine(disk.Path, "target");
        File.WriteAllText(target, "as it was");
        var error = Assert.Throws<StorageException>(() => store.Get(Key, target));
        Assert.Equal($"Cannot write {target}: no space is left on the device. What was there before is unharmed.", error.Message);
        Assert.Equal("as it was", File.ReadAllText(target));
        Assert.Single(Directory.GetFiles(disk.Path));
    }

    [SkippableFact]
    public void A_transfer_that_is_called_off_leaves_nothing()
    {
        using var store = Open();
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var file = FileWith(Random(4, 20_000_000));
        Assert.ThrowsAny<OperationCanceledException>(() => store.Put(Key, file, stop.Token));
        Assert.Null(store.LengthOf(Key));
        store.Put(Key, file);
        Assert.ThrowsAny<OperationCanceledException>(() => store.Get(Key, Local.File("target"), stop.Token));
        Assert.Empty(Directory.GetFiles(Local.Path, "target*"));
    }

    /// <summary>Two writers and two readers of one key, of contents with different lengths.</summary>
    protected void NeverShowsAMixture()
    {
        using var store = Open();
        byte[][] contents = [Random(5, 6_000_000), Random(6, 11_000_000)];
        var files = contents.Select(FileWith).ToArray();
        store.Put(Key, files[0]);
        var writing = files.Select(file => Task.Run(() =>
        {
            for (var i = 0; i < 8; i++) store.Put(Key, file);
        })).ToArray();
        var reading = Enumerable.Range(0, 2).Select(reader => Task.Run(() =>
        {
            var (seen, target) = (0, Local.File($"read-{reader}"));
            do
            {
                Assert.True(store.Get(Key, target));
                var read = File.ReadAllBytes(target);
                Assert.Contains(contents, content => content.AsSpan().SequenceEqual(read));
                seen++;
            }
            while (!Task.WhenAll(writing).IsCompleted);
            return seen;
        })).ToArray();
        Task.WaitAll(writing);
        Assert.All(reading, task => Assert.True(task.Result > 0));
        Assert.Contains(contents, content => content.AsSpan().SequenceEqual(Fetched(store, Key)));
    }

    protected string FileWith(byte[] content)
    {
        var file = Local.File($"source-{Guid.NewGuid():N}");
        File.WriteAllBytes(file, content);
        return file;
    }

    protected byte[] Fetched(IObjectStore store, string key)
    {
        var file = Local.File($"fetched-{Guid.NewGuid():N}");
        Assert.True(store.Get(key, file));
        return File.ReadAllBytes(file);
    }

    protected static byte[] Random(int seed, int bytes)
    {
        var content = new byte[bytes];
        new Random(seed).NextBytes(content);
        return content;
    }
}
