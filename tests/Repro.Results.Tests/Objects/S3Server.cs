using System.Diagnostics;
using System.Text.RegularExpressions;
using Repro.Results.Objects;

namespace Repro.Results.Tests.Objects;

/// <summary>
/// A server that speaks as S3 does and is none of ours: the one that <c>REPRO_TEST_S3</c> names (<c>s3://bucket/prefix</c>, reached as the AWS_ variables
/// say), or an s3rver of one's own on a free port of the loopback, gone at the end.
/// </summary>
public sealed partial class S3Server : IDisposable
{
    public const string Missing = "no S3 server: neither REPRO_TEST_S3=s3://bucket/prefix is set nor s3rver installed (npm install --global s3rver).";

    private readonly string _folder = Directory.CreateTempSubdirectory("repro-s3-").FullName;
    private readonly string? _given = Environment.GetEnvironmentVariable("REPRO_TEST_S3") is { Length: > 0 } address ? address : null;
    private readonly string? _program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "s3rver")).FirstOrDefault(File.Exists);

    private Process? _process;
    private Task _reading = Task.CompletedTask;
    private int _port;

    public S3Server()
    {
        if (_given is not null)
        {
            var place = _given["s3://".Length..].Split('/', 2);
            (Bucket, Prefix) = (place[0], place.ElementAtOrDefault(1)?.TrimEnd('/') ?? "tests");
            Settings = S3Settings.FromEnvironment(Environment.GetEnvironmentVariable);
        }
        else if (_program is not null)
        {
            Start();
        }
    }

    public bool Available => _given is not null || _program is not null;

    /// <summary>Whether it is one that tests may stop.</summary>
    public bool IsOwn => _given is null && _program is not null;

    /// <summary>s3rver writes an object in its place, byte by byte, and takes any signature; what S3 promises there, it does not keep.</summary>
    public const string Less = "s3rver replaces no object at once and takes any signature; set REPRO_TEST_S3=s3://bucket/prefix of a server that does as S3 does.";

    public string Folder => _folder;

    public string Bucket { get; } = "repro-tests";

    public string Prefix { get; } = "a prefix/of keys";

    /// <summary>With keys that it takes.</summary>
    public S3Settings Settings { get; private set; } = new(null, null, "S3RVER", "S3RVER", null);

    /// <summary>Each has a prefix of its own.</summary>
    public S3Objects Open(string prefix, S3Settings? settings = null, TimeProvider? time = null) => new(Bucket, $"{Prefix}/{prefix}", settings ?? Settings, time);

    public void Start()
    {
        _process = Process.Start(new ProcessStartInfo(_program!, ["--directory", _folder, "--address", "127.0.0.1", "--port", $"{_port}", "--configure-bucket", Bucket]) { RedirectStandardOutput = true })!;
        var said = "";
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            said += line + "\n";
            if (Listening().Match(line) is not { Success: true } match) continue;
            _port = int.Parse(match.Groups[1].ValueSpan);
            Settings = Settings with { Endpoint = new Uri($"http://127.0.0.1:{_port}") };
            // A line for each request, which it would wait for somebody to read.
            _reading = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
            return;
        }
        throw new InvalidOperationException($"s3rver does not listen: {said}");
    }

    public void Kill()
    {
        _process!.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _reading.Wait();
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        if (_process is not null) Kill();
        Directory.Delete(_folder, recursive: true);
    }

    [GeneratedRegex(@"listening on \S*?:(\d+)")]
    private static partial Regex Listening();
}
