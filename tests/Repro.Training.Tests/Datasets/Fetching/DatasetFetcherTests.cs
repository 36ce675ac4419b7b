using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using Repro.Studies;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Fetching;
using Answer = Repro.Training.Tests.Datasets.Fetching.LoopbackServer.Answer;

namespace Repro.Training.Tests.Datasets.Fetching;

public sealed class DatasetFetcherTests : IDisposable
{
    private const string ArchiveName = "cifar-10-binary.tar.gz";

    private static readonly byte[] Archive = MakeArchive(TinyData.CifarFiles());

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });

    private string Target => _folder.At("cifar-10-batches-bin");

    private string Downloads => _folder.At(".downloads", "cifar-10");

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_data_set_is_downloaded_unpacked_and_verified()
    {
        using var server = new LoopbackServer(Archive);
        var phases = new Progress();
        var result = await Fetch(Entry(server), phases);

        Assert.Equal((Target, false, (long)Archive.Length), (result.Folder, result.AlreadyThere, result.TransferredBytes));
        Assert.Equal(DataVerdict.SameData, result.Verification.Verdict);
        Assert.Equal(120, TinyData.ReadCifar(Target).Splits.Sum(split => split.Count));
        Assert.Equal([FetchPhase.Downloading, FetchPhase.Unpacking, FetchPhase.Verifying], phases.Reports.Select(report => report.Phase).Distinct());
        Assert.Equal(Archive.Length, phases.Reports.Where(report => report.Phase == FetchPhase.Downloading).Max(report => report.Bytes));
        // Neither the archive nor anything half done is left.
        Assert.Equal([".downloads", "cifar-10-batches-bin"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order());
        Assert.Empty(Directory.GetFileSystemEntries(_folder.At(".downloads")));
    }

    [Fact]
    public async Task What_is_there_already_is_not_fetched_again()
    {
        using var server = new LoopbackServer(Archive);
        TinyData.Write(Target, TinyData.CifarFiles(), ".br");
        Assert.True((await Fetch(Entry(server))).AlreadyThere);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_connection_that_breaks_off_is_taken_up_where_it_ended()
    {
        using var server = new LoopbackServer(Archive, new Answer(BreakAfter: 100_000), new Answer(BreakAfter: 50_000), new Answer());
        var result = await Fetch(Entry(server));
        Assert.Equal([0, 100_000, 150_000], server.Requests);
        Assert.Equal(Archive.Length, result.TransferredBytes);
    }

    [Fact]
    public async Task A_cancelled_download_goes_on_in_the_next_run()
    {
        using var server = new LoopbackServer(Archive);
        using var stop = new CancellationTokenSource();
        var progress = new Progress(report => stop.Cancel());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Fetch(Entry(server), progress, stop.Token));
        var kept = new FileInfo(Path.Combine(Downloads, ArchiveName + ".partial")).Length;
        Assert.InRange(kept, 1, Archive.Length - 1);

        var result = await Fetch(Entry(server));
        Assert.Equal([0, kept], server.Requests);
        Assert.Equal(Archive.Length - kept, result.TransferredBytes);
    }

    [Fact]
    public async Task A_server_without_ranges_sends_all_of_it_again()
    {
        using var server = new LoopbackServer(Archive, new Answer(BreakAfter: 100_000), new Answer(Ranges: false));
        var result = await Fetch(Entry(server));
        Assert.Equal([0, 100_000], server.Requests);
        Assert.Equal(100_000 + Archive.Length, result.TransferredBytes);
    }

    [Fact]
    public async Task Bytes_of_an_older_version_are_thrown_away_once_the_checksum_shows_it()
    {
        using var server = new LoopbackServer(Archive);
        Directory.CreateDirectory(Downloads);
        await File.WriteAllBytesAsync(Path.Combine(Downloads, ArchiveName + ".partial"), new byte[40_000]);
        await Fetch(Entry(server));
        Assert.Equal([40_000, 0], server.Requests);
    }

    [Fact]
    public async Task A_file_with_another_checksum_is_refused_with_both()
    {
        var other = Archive.ToArray();
        other[1000] ^= 1;
        using var server = new LoopbackServer(other);
        var error = await Assert.ThrowsAsync<MissingComponentException>(() => Fetch(Entry(server)));
        Assert.Contains(Md5(other), error.Message);
        Assert.Contains(Md5(Archive), error.Message);
        Assert.Contains($"'{Downloads}'", error.Message);
        Assert.False(Directory.Exists(Target));
        Assert.Empty(Directory.GetFiles(Downloads, "*.partial"));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_longer_file_is_not_read_to_its_end()
    {
        using var server = new LoopbackServer([.. Archive, .. new byte[20_000_000]]);
        var error = await Assert.ThrowsAsync<MissingComponentException>(() => Fetch(Entry(server)));
        Assert.Contains($"more than {Archive.Length:N0} bytes", error.Message);
    }

    [Fact]
    public async Task The_second_address_serves_where_the_first_does_not()
    {
        using var gone = new LoopbackServer(Archive, new Answer(404));
        using var server = new LoopbackServer(Archive);
        var entry = Entry(gone, server);
        await Fetch(entry);
        Assert.Single(gone.Requests);
    }

    [Fact]
    public async Task A_busy_server_is_asked_three_times()
    {
        using var server = new LoopbackServer(Archive, new Answer(503));
        var error = await Assert.ThrowsAsync<MissingComponentException>(() => Fetch(Entry(server)));
        Assert.Equal(3, server.Requests.Count);
        Assert.Contains("503", error.Message);
    }

    [Fact]
    public async Task Without_a_network_it_says_so_and_where_to_put_which_file()
    {
        using var server = new LoopbackServer(Archive);
        using var client = new HttpClient(new NoNetwork());
        var entry = Entry(server);
        var error = await Assert.ThrowsAsync<MissingComponentException>(() => new DatasetFetcher(_folder.Path, client, new InstantTime()).FetchAsync(entry, null, default));
        Assert.Contains("no network", error.Message);
        Assert.Contains(server.Address(ArchiveName).ToString(), error.Message);
        Assert.Contains($"'{Downloads}'", error.Message);
        Assert.Contains("repro data fetch cifar-10", error.Message);
    }

    [Fact]
    public async Task A_file_put_there_by_hand_is_taken()
    {
        using var server = new LoopbackServer(Archive, new Answer(404));
        Directory.CreateDirectory(Downloads);
        await File.WriteAllBytesAsync(Path.Combine(Downloads, ArchiveName), Archive);
        var result = await Fetch(Entry(server));
        Assert.Equal((0L, DataVerdict.SameData), (result.TransferredBytes, result.Verification.Verdict));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Separate_files_are_kept_as_they_come()
    {
        var files = TinyData.CifarFiles();
        var servers = files.ToDictionary(file => file.Key + ".gz", file => new LoopbackServer(TinyData.Pack(file.Value, ".gz")));
        try
        {
            var entry = TinyData.CifarEntry(files.Select(file => Download(file.Key + ".gz", TinyData.Pack(file.Value, ".gz"), isArchive: false, servers[file.Key + ".gz"])).ToList());
            await Fetch(entry);
            Assert.Equal(files.Keys.Select(name => name + ".gz").Order(), Directory.GetFiles(Target).Select(Path.GetFileName).Order());
        }
        finally
        {
            foreach (var server in servers.Values) server.Dispose();
        }
    }

    [Fact]
    public async Task A_broken_folder_makes_way_for_the_whole_one()
    {
        using var server = new LoopbackServer(Archive);
        TinyData.Write(Target, TinyData.CifarFiles());
        await File.WriteAllBytesAsync(Path.Combine(Target, "test_batch.bin"), [1, 2, 3]);
        Assert.False((await Fetch(Entry(server))).AlreadyThere);
        Assert.Equal(20, TinyData.ReadCifar(Target).Test.Count);
    }

    // Killed while it unpacked, between its two moves, and after them: in each case with the archive still there.
    [Theory]
    [InlineData(false, "staging")]
    [InlineData(false, "staging", "old")]
    [InlineData(true, "old")]
    public async Task What_a_killed_fetch_left_is_mended_by_the_next(bool installed, params string[] left)
    {
        using var server = new LoopbackServer(Archive, new Answer(404));
        foreach (var folder in left) TinyData.Write(Path.Combine(Downloads, folder), TinyData.CifarFiles());
        Directory.CreateDirectory(Downloads);
        await File.WriteAllBytesAsync(Path.Combine(Downloads, ArchiveName), Archive);
        if (installed) TinyData.Write(Target, TinyData.CifarFiles());

        Assert.Equal(installed, (await Fetch(Entry(server))).AlreadyThere);
        Assert.Empty(server.Requests);
        Assert.Equal(20, TinyData.ReadCifar(Target).Test.Count);
        Assert.Equal([".downloads", "cifar-10-batches-bin"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order());
        Assert.Empty(Directory.GetFileSystemEntries(_folder.At(".downloads")));
    }

    [Fact]
    public async Task A_folder_that_made_way_comes_back_where_the_next_fetch_cannot_replace_it()
    {
        var files = TinyData.CifarFiles();
        files["test_batch.bin"][7] ^= 1;
        var archive = MakeArchive(files);
        using var server = new LoopbackServer(archive);
        Directory.CreateDirectory(Path.Combine(Downloads, "old"));
        await File.WriteAllTextAsync(Path.Combine(Downloads, "old", "data_batch_1.bin"), "broken");
        await Assert.ThrowsAsync<MissingComponentException>(() => Fetch(TinyData.CifarEntry(Download(ArchiveName, archive, isArchive: true, server))));
        Assert.Equal("broken", await File.ReadAllTextAsync(Path.Combine(Target, "data_batch_1.bin")));
    }

    [Fact]
    public async Task An_archive_with_the_right_checksum_and_other_records_is_refused()
    {
        var files = TinyData.CifarFiles();
        files["test_batch.bin"][7] ^= 1;
        var archive = MakeArchive(files);
        using var server = new LoopbackServer(archive);
        var entry = TinyData.CifarEntry(Download(ArchiveName, archive, isArchive: true, server));
        var error = await Assert.ThrowsAsync<MissingComponentException>(() => Fetch(entry));
        Assert.Contains("test differ", error.Message);
        Assert.False(Directory.Exists(Target));
        Assert.Empty(Directory.GetDirectories(Downloads));
    }

    [Fact]
    public async Task Two_at_once_do_not_meet_in_one_file()
    {
        using var server = new LoopbackServer(Archive);
        Directory.CreateDirectory(Downloads);
        using var other = new FileStream(Path.Combine(Downloads, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var error = await Assert.ThrowsAsync<BadInputException>(() => Fetch(Entry(server)));
        Assert.Contains("Another process is fetching cifar-10", error.Message);
        Assert.Empty(server.Requests);
    }

    private Task<FetchResult> Fetch(DatasetEntry entry, IProgress<FetchProgress>? progress = null, CancellationToken stop = default) =>
        new DatasetFetcher(_folder.Path, _client, new InstantTime()).FetchAsync(entry, progress, stop);

    private static DatasetEntry Entry(params LoopbackServer[] servers) => TinyData.CifarEntry(Download(ArchiveName, Archive, isArchive: true, servers));

    private static DatasetDownload Download(string name, byte[] content, bool isArchive, params LoopbackServer[] servers) => new(
        name, servers.Select(server => server.Address(name)).ToList(), content.Length, Md5(content), Convert.ToHexStringLower(SHA256.HashData(content)), isArchive);

#pragma warning disable CA5351 // The checksum that is published.
    private static string Md5(byte[] content) => Convert.ToHexStringLower(MD5.HashData(content));
#pragma warning restore CA5351

    // Like the official one: a folder with the files, a text that is of no use, and here a member that points outside.
    private static byte[] MakeArchive(IReadOnlyDictionary<string, byte[]> files)
    {
        using var archive = new MemoryStream();
        using (var gzip = new GZipStream(archive, CompressionLevel.Fastest))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Ustar))
        {
            tar.WriteEntry(new UstarTarEntry(TarEntryType.Directory, "cifar-10-batches-bin/"));
            foreach (var (name, bytes) in files.Append(KeyValuePair.Create("readme.html", new byte[10])).Append(KeyValuePair.Create("../../outside.bin", new byte[10])))
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"cifar-10-batches-bin/{name}") { DataStream = new MemoryStream(bytes) });
        }
        return archive.ToArray();
    }

    private sealed class Progress(Action<FetchProgress>? then = null) : IProgress<FetchProgress>
    {
        public List<FetchProgress> Reports { get; } = [];

        public void Report(FetchProgress value)
        {
            Reports.Add(value);
            then?.Invoke(value);
        }
    }

    private sealed class NoNetwork : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new HttpRequestException(HttpRequestError.NameResolutionError, "Name or service not known");
    }
}
