using Repro.Shared;
using Repro.Studies.Formats;

namespace Repro.Studies.Tests.Formats;

public sealed class RegularFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-regular-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableFact]
    public void A_pipe_without_a_writer_is_refused_and_never_waited_for()
    {
        var pipe = Pipe("pipe");
        Assert.Equal($"{pipe} is a pipe, and no regular file; name a file, into which its content was saved.", Refusal(pipe));
        var link = Path.Combine(_folder, "link");
        File.CreateSymbolicLink(link, pipe);
        Assert.Contains("is a pipe", Refusal(link), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_pipe_in_the_place_of_a_checkpoint_is_refused_and_never_waited_for()
    {
        var pipe = Pipe("step-000000001.safetensors");
        Assert.Contains("is a pipe", Assert.Throws<BadInputException>(() => CheckpointFile.Read(pipe)).Message, StringComparison.Ordinal);
        Assert.Contains("is a pipe", Assert.Throws<BadInputException>(() => CheckpointFile.Verify(pipe)).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_folder_and_a_device_are_refused_and_a_file_and_what_is_not_there_pass()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux is asked");
        Assert.Contains("is a device", Refusal("/dev/null"), StringComparison.Ordinal);
        Assert.Contains("is a folder", Refusal(_folder), StringComparison.Ordinal);
        var file = Path.Combine(_folder, "file");
        RegularFile.Require(file);
        File.WriteAllText(file, "");
        RegularFile.Require(file);
    }

    private static string Refusal(string path) => Assert.Throws<BadInputException>(() => RegularFile.Require(path)).Message;

    private string Pipe(string name)
    {
        var path = Path.Combine(_folder, name);
        Skip.IfNot(NamedPipe.Make(path), "there is no mkfifo here");
        return path;
    }
}
