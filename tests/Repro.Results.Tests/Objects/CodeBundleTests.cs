using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Repro.Results.Objects;
using Repro.Results.Provenance;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Workers.FakeWorker;
using Repro.Workers.Protocol;

namespace Repro.Results.Tests.Objects;

/// <summary>The build that is packed is that of the fake worker: a real program with a native library among its packages.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class CodeBundleTests : IDisposable
{
    private static readonly string Build = Path.GetDirectoryName(FakeHost.Program)!.Replace("Repro.Results.Tests", "Repro.Workers.FakeWorker", StringComparison.Ordinal);

    private static readonly GitState Sources = new("0123abcd", "the difference\n");

    private readonly TemporaryFolder _folder = new();
    private readonly FolderObjects _objects;

    public CodeBundleTests()
    {
        Directory.CreateDirectory(_folder.File("objects"));
        _objects = new FolderObjects(_folder.File("objects"));
    }

    private CodeCache Cache => new(_folder.File("cache"));

    public void Dispose()
    {
        _objects.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_worker_starts_from_what_was_unpacked_and_loads_no_library_of_a_store()
    {
        var unpacked = Cache.Unpack(CodeBundle.Pack(Build, _objects, Sources).Id, _objects);
        var program = CodeProgram.In(unpacked);
        var start = new ProcessStartInfo(program.Command(FakeHost.Dotnet)[0], [.. program.Command(FakeHost.Dotnet).Skip(1), "work"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = "/",
        };
        using var worker = Process.Start(start)!;
        Assert.Equal(worker.Id, Assert.IsType<ReadyMessage>(ProtocolText.ReadWorker(worker.StandardOutput.ReadLine()!)).Process);
        if (OperatingSystem.IsLinux())
        {
            var loaded = File.ReadAllLines($"/proc/{worker.Id}/maps").Select(line => line.Split(' ')[^1]).Where(path => path.StartsWith(unpacked, StringComparison.Ordinal)).Select(Path.GetFileName).Distinct().ToList();
            Assert.Contains("Repro.Workers.dll", loaded);
            Assert.DoesNotContain(loaded, name => name!.Contains("AWSSDK", StringComparison.Ordinal) || name.Contains("Npgsql", StringComparison.Ordinal) || name.Contains("qlite", StringComparison.Ordinal));
        }
        worker.StandardInput.Close();
        worker.WaitForExit();
        Assert.Equal(0, worker.ExitCode);
        Assert.Equal(Sources, GitState.Of(unpacked));
    }

    [Fact]
    public void What_is_unpacked_is_the_build_without_symbols_and_other_platforms_libraries()
    {
        var unpacked = Cache.Unpack(CodeBundle.Pack(Build, _objects, Sources).Id, _objects);
        var files = Directory.GetFiles(unpacked, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(unpacked, file)).Where(file => file != ".manifest").ToHashSet();
        foreach (var file in files.Where(file => !file.StartsWith("provenance", StringComparison.Ordinal))) Assert.Equal(File.ReadAllBytes(Path.Combine(Build, file)), File.ReadAllBytes(Path.Combine(unpacked, file)));
        Assert.Superset(Directory.GetFiles(Build, "*.dll").Select(file => Path.GetFileName(file)).ToHashSet(), files);
        Assert.Contains("runtimes/linux-x64/native/libe_sqlite3.so", files);
        Assert.DoesNotContain(files, file => file.EndsWith(".pdb", StringComparison.Ordinal) || file.Contains("win-", StringComparison.Ordinal) || file.Contains("osx", StringComparison.Ordinal) || file.Contains("alpine", StringComparison.Ordinal));
        var startable = files.Where(file => (File.GetUnixFileMode(Path.Combine(unpacked, file)) & UnixFileMode.UserExecute) != 0);
        Assert.Equal(["Repro.Workers.FakeWorker"], startable);
    }

    [Fact]
    public void Equal_builds_give_one_bundle_and_only_what_is_new_is_sent()
    {
        var copy = CopyOfBuild();
        var first = CodeBundle.Pack(Build, _objects, Sources);
        Assert.Equal(first.Bytes + new FileInfo(PathOf(first.Id)).Length, first.Sent);
        // Permissions and times are no part of it.
        File.SetUnixFileMode(Path.Combine(copy, "Npgsql.dll"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.Equal((first.Id, 0L), (CodeBundle.Pack(copy, _objects, Sources).Id, CodeBundle.Pack(copy, _objects, Sources).Sent));
        File.AppendAllText(Path.Combine(copy, "Repro.Studies.dll"), "changed");
        var second = CodeBundle.Pack(copy, _objects, Sources);
        var manifest = new FileInfo(PathOf(second.Id)).Length;
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(new FileInfo(Path.Combine(copy, "Repro.Studies.dll")).Length + manifest, second.Sent);
    }

    [Fact]
    public void An_objects_place_is_its_digest()
    {
        var bundle = CodeBundle.Pack(Build, _objects, Sources);
        var files = Directory.GetFiles(_folder.File("objects/code"), "*", SearchOption.AllDirectories);
        Assert.All(files, file => Assert.Equal(Path.GetFileName(file), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))));
        Assert.Contains(PathOf(bundle.Id), files);
    }

    [Fact]
    public void A_damaged_object_is_refused_by_name_and_a_cut_off_one_is_sent_again()
    {
        var bundle = CodeBundle.Pack(Build, _objects, Sources);
        var damaged = PathOf(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Build, "Npgsql.dll")))));
        var bytes = File.ReadAllBytes(damaged);
        bytes[1000] ^= 1;
        File.WriteAllBytes(damaged, bytes);
        var error = Assert.Throws<BadInputException>(() => Cache.Unpack(bundle.Id, _objects));
        Assert.Contains("lacks Npgsql.dll", error.Message, StringComparison.Ordinal);
        Assert.Contains($"code/sha256/{Path.GetFileName(damaged)[..2]}/{Path.GetFileName(damaged)} in the folder {_folder.File("objects")} is damaged", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.File("cache"), "Npgsql*", SearchOption.AllDirectories));
        File.WriteAllBytes(damaged, bytes[..500]);
        Assert.Equal(bytes.Length, CodeBundle.Pack(Build, _objects, Sources).Sent);
        Assert.Equal(File.ReadAllBytes(Path.Combine(Build, "Npgsql.dll")), File.ReadAllBytes(Path.Combine(Cache.Unpack(bundle.Id, _objects), "Npgsql.dll")));
    }

    [Fact]
    public void A_missing_object_says_what_to_do()
    {
        var bundle = CodeBundle.Pack(Build, _objects, Sources);
        File.Delete(PathOf(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Build, "YamlDotNet.dll"))))));
        Assert.Contains("lacks YamlDotNet.dll", Assert.Throws<BadInputException>(() => Cache.Unpack(bundle.Id, _objects)).Message, StringComparison.Ordinal);
        var absent = new string('a', 64);
        Assert.Contains("Start the sweep again where its code was built", Assert.Throws<BadInputException>(() => Cache.Unpack(absent, _objects)).Message, StringComparison.Ordinal);
        Assert.Throws<BadInputException>(() => Cache.Unpack("../" + absent, _objects));
        Assert.Throws<BadInputException>(() => Cache.Unpack(absent.ToUpperInvariant(), _objects));
    }

    [Theory]
    [InlineData("")]
    [InlineData("repro 2\n")]
    [InlineData("repro-code 1")]
    [InlineData("repro-code 1\n\n")]
    [InlineData("repro-code 1\nD 1 - ../outside\n")]
    [InlineData("repro-code 1\nD 1 - a/../../outside\n")]
    [InlineData("repro-code 1\nD 1 - /etc/passwd\n")]
    [InlineData("repro-code 1\nD 1 - a\\b\n")]
    [InlineData("repro-code 1\nD 1 - \n")]
    [InlineData("repro-code 1\nD 1 - .manifest\n")]
    [InlineData("repro-code 1\nD 1 - a/.ssh/b\n")]
    [InlineData("repro-code 1\nD 1 - a\nD 1 - a\n")]
    [InlineData("repro-code 1\nD 1 - a\nD 1 - a/b\n")]
    [InlineData("repro-code 1\nD 1 - b\nD 1 - a\n")]
    [InlineData("repro-code 1\nD 1 l a\n")]
    [InlineData("repro-code 1\nD -1 - a\n")]
    [InlineData("repro-code 1\nD 01 - a\n")]
    [InlineData("repro-code 1\nd 1 - a\n")]
    [InlineData("repro-code 1\r\nD 1 - a\n")]
    public void A_hostile_or_foreign_manifest_is_refused(string text)
    {
        byte[] content = [42];
        var id = Stored(Encoding.UTF8.GetBytes(text.Replace("D ", Stored(content) + " ", StringComparison.Ordinal)));
        var error = Assert.Throws<BadInputException>(() => Cache.Unpack(id, _objects));
        Assert.Contains($"The bundle of code {id} in the folder", error.Message, StringComparison.Ordinal);
        Assert.Equal([Path.Combine(_folder.File("cache"), id, ".manifest")], Directory.GetFiles(_folder.File("cache"), "*", SearchOption.AllDirectories));
        Assert.False(File.Exists(_folder.File("outside")));
    }

    [Fact]
    public void A_good_manifest_that_was_written_by_hand_is_unpacked()
    {
        var digest = Stored([42]);
        var unpacked = Cache.Unpack(Stored(Encoding.UTF8.GetBytes($"repro-code 1\n{digest} 1 - a/b c\n{digest} 1 x a/d\n")), _objects);
        Assert.Equal([42], File.ReadAllBytes(Path.Combine(unpacked, "a", "b c")));
        Assert.True((File.GetUnixFileMode(Path.Combine(unpacked, "a", "d")) & UnixFileMode.UserExecute) != 0);
    }

    [Fact]
    public void A_length_that_the_manifest_does_not_state_is_refused()
    {
        var id = Stored(Encoding.UTF8.GetBytes($"repro-code 1\n{Stored([42])} 2 - a\n"));
        Assert.Contains("has 1 bytes, and the manifest says 2", Assert.Throws<BadInputException>(() => Cache.Unpack(id, _objects)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_no_build_is_refused()
    {
        Assert.Contains("it holds no NAME.dll", Assert.Throws<BadInputException>(() => CodeBundle.Pack(_folder.Path, _objects, Sources)).Message, StringComparison.Ordinal);
        var copy = CopyOfBuild();
        foreach (var end in (string[])[".dll", ".runtimeconfig.json"]) File.Copy(Path.Combine(Build, "Repro.Workers.FakeWorker" + end), Path.Combine(copy, "another" + end));
        Assert.Contains("it holds Repro.Workers.FakeWorker and another", Assert.Throws<BadInputException>(() => CodeBundle.Pack(copy, _objects, Sources)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_worker_is_told_of_this_machines_engine_and_data()
    {
        var program = CodeProgram.In(Cache.Unpack(CodeBundle.Pack(Build, _objects, Sources).Id, _objects));
        Assert.False(program.IsSelfContained);
        Assert.Throws<MissingComponentException>(() => program.Command(dotnet: null));
        var root = _folder.File("checkout");
        Assert.Equal(new Dictionary<string, string> { ["REPRO_ROOT"] = program.Folder }, program.Surroundings(root, _ => null));
        Directory.CreateDirectory(Path.Combine(root, ".setup", "native"));
        File.WriteAllText(Path.Combine(root, ".setup", "native", "librepro_torch.so"), "");
        Directory.CreateDirectory(_folder.File("shared/data"));
        var told = program.Surroundings(root, name => name == "REPRO_DATA" ? "/data" : null);
        Assert.Equal((Path.Combine(root, ".setup", "native", "librepro_torch.so"), "/data"), (told["REPRO_TORCH_SHIM"], told["REPRO_DATA"]));
        Assert.Equal(_folder.File("shared/data"), program.Surroundings(root, _ => "")["REPRO_DATA"]);
        var configuration = Path.Combine(CopyOfBuild(), "Repro.Workers.FakeWorker.runtimeconfig.json");
        File.WriteAllText(configuration, """{"runtimeOptions":{"includedFrameworks":[]}}""");
        var own = CodeProgram.In(Path.GetDirectoryName(configuration)!);
        Assert.Equal([Path.Combine(own.Folder, "Repro.Workers.FakeWorker")], own.Command(dotnet: null));
        File.WriteAllText(configuration, "{");
        Assert.Throws<BadInputException>(() => CodeProgram.In(own.Folder));
    }

    private string PathOf(string digest) => _folder.File($"objects/code/sha256/{digest[..2]}/{digest}");

    private string Stored(byte[] content)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(content));
        File.WriteAllBytes(_folder.File("content"), content);
        _objects.Put($"code/sha256/{digest[..2]}/{digest}", _folder.File("content"));
        return digest;
    }

    private string CopyOfBuild()
    {
        var copy = _folder.File("copy");
        foreach (var file in Directory.GetFiles(Build, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(Build, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        return copy;
    }
}
