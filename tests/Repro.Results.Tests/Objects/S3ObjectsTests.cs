using Repro.Results.Objects;
using Repro.Results.Runs;

namespace Repro.Results.Tests.Objects;

public sealed class S3ObjectsTests(S3Server server) : ObjectStoreContract, IClassFixture<S3Server>
{
    private readonly string _prefix = Guid.NewGuid().ToString("N");

    protected override IObjectStore Open()
    {
        Skip.IfNot(server.Available, S3Server.Missing);
        return server.Open(_prefix, server.Settings with { PartBytes = 5 << 20 });
    }

    private void SkipUnlessOwn() => Skip.IfNot(server.IsOwn, "needs an s3rver of its own, to stop it (npm install --global s3rver).");

    [SkippableFact]
    public void Writers_of_one_key_at_once_never_show_a_mixture()
    {
        Skip.IfNot(server.Available, S3Server.Missing);
        Skip.If(server.IsOwn, S3Server.Less);
        NeverShowsAMixture();
    }

    [SkippableFact]
    public void Prefixes_keep_apart_what_has_one_key()
    {
        using var store = Open();
        using var other = server.Open(_prefix + "-other");
        store.Put("key", FileWith([1]));
        Assert.Null(other.LengthOf("key"));
        other.Put("key", FileWith([2, 2]));
        Assert.Equal([1], Fetched(store, "key"));
        Assert.Equal($"s3://{server.Bucket}/{server.Prefix}/{_prefix}", store.Description);
    }

    [SkippableFact]
    public void A_bucket_that_is_not_there_is_named_and_is_no_absent_object()
    {
        Skip.IfNot(server.Available, S3Server.Missing);
        using var store = new S3Objects("no-such-bucket-here", "", server.Settings);
        foreach (var error in (StorageException[])[Assert.Throws<StorageException>(() => store.Put("a/b", FileWith([1]))), Assert.Throws<StorageException>(() => store.Get("a/b", Local.File("x")))])
        {
            Assert.Contains("a/b", error.Message, StringComparison.Ordinal);
            Assert.Contains("has no bucket no-such-bucket-here. Make it, or name another one with --objects", error.Message, StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public void Wrong_keys_are_refused_in_words_that_say_what_is_needed_and_not_the_secret()
    {
        Skip.IfNot(server.Available, S3Server.Missing);
        Skip.If(server.IsOwn, S3Server.Less);
        using var store = server.Open(_prefix, server.Settings with { SecretKey = "hunter22" });
        var error = Assert.Throws<StorageException>(() => store.Put("a/b", FileWith([1])));
        Assert.Contains($"The object a/b could not be stored in {store.Description}", error.Message, StringComparison.Ordinal);
        Assert.Contains("s3:PutObject", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter22", error.Message, StringComparison.Ordinal);
        Assert.Throws<StorageException>(() => store.LengthOf("a/b"));
    }

    [SkippableFact]
    public void A_server_that_stays_away_is_an_error_once_the_patience_is_over()
    {
        SkipUnlessOwn();
        using var own = new S3Server();
        var time = new HurriedTime();
        using var store = own.Open(_prefix, time: time);
        store.Put("a/b", FileWith([1]));
        own.Kill();
        var error = Assert.Throws<StorageException>(() => store.Get("a/b", Local.File("x")));
        Assert.Contains($"The object a/b could not be fetched in {store.Description} within 60 s: http://127.0.0.1:", error.Message, StringComparison.Ordinal);
        Assert.Contains("is out of reach", error.Message, StringComparison.Ordinal);
        Assert.InRange(time.Waited, TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(60));
        Assert.False(File.Exists(Local.File("x")));
    }

    [SkippableFact]
    public void A_server_that_comes_back_within_the_patience_costs_a_wait_and_nothing_else()
    {
        SkipUnlessOwn();
        using var own = new S3Server();
        var time = new HurriedTime();
        using var store = own.Open(_prefix, time: time);
        own.Kill();
        time.OnWait = waits =>
        {
            if (waits == 2) own.Start();
        };
        store.Put("a/b", FileWith([1, 2, 3]));
        Assert.Equal([1, 2, 3], Fetched(store, "a/b"));
        Assert.True(time.Waited > TimeSpan.Zero);
    }

    [SkippableFact]
    public void A_writer_that_is_killed_leaves_no_object()
    {
        SkipUnlessOwn();
        using var own = new S3Server();
        var source = Local.File("large");
        using (var file = File.Create(source)) file.SetLength(200 << 20);
        KilledPut.Run(
            $"s3://{own.Bucket}", "sweeps/step", source, watched: own.Folder, begun: name => name.EndsWith("/1", StringComparison.Ordinal),
            ("AWS_ENDPOINT_URL", own.Settings.Endpoint!.AbsoluteUri), ("AWS_ACCESS_KEY_ID", own.Settings.AccessKey!), ("AWS_SECRET_ACCESS_KEY", own.Settings.SecretKey!));
        using var store = new S3Objects(own.Bucket, "", own.Settings);
        Assert.Null(store.LengthOf("sweeps/step"));
        Assert.False(store.Get("sweeps/step", Local.File("none")));
        store.Put("sweeps/step", FileWith([1, 2]));
        Assert.Equal([1, 2], Fetched(store, "sweeps/step"));
    }

    /// <summary>A clock on which every wait is over at once, and has taken as long as it was to take.</summary>
    private sealed class HurriedTime : TimeProvider
    {
        private int _waits;

        public TimeSpan Waited { get; private set; }

        public Action<int>? OnWait { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Waited.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waited += dueTime;
            OnWait?.Invoke(++_waits);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
