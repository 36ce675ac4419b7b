using System.CommandLine;
using System.Runtime.InteropServices;
using Repro.Cli.Workers;
using Repro.Studies;
using Repro.Training.Datasets;
using Repro.Workers.Protocol;

namespace Repro.Cli.Verbs;

/// <summary>
/// <c>repro worker</c>, which no person calls: trains what its host says on standard input and tells of it on standard output, one JSON object a line.
/// It ends when its input does.
/// </summary>
internal static partial class WorkerVerb
{
    private const int FileSizeLimit = 25; // SIGXFSZ on Linux

    public static Command Create(Surroundings surroundings)
    {
        var verb = new Verb("worker", "Trains what a host tells it to, over its standard input and output.") { Hidden = true };
        var describe = new Option<string[]>("--describe") { Description = "Says which engine it would train with, and the identities of these data sets, as JSON, and ends", HelpName = "SET", Arity = ArgumentArity.ZeroOrMore, AllowMultipleArgumentsPerToken = true };
        var data = SharedOptions.DataDir();
        verb.Add(describe);
        verb.Add(data);
        verb.SetAction(arguments => arguments.GetResult(describe) is { Implicit: false } ? Describe(surroundings, arguments.GetValue(describe) ?? [], arguments.GetValue(data)) : Act(surroundings));
        return verb;
    }

    private static int Describe(Surroundings surroundings, string[] sets, string? data)
    {
        surroundings.Out.WriteLine(MachineDescription.Here(surroundings, sets, DataFolders.FromEnvironment(data)).ToJson().ToJsonString());
        return ExitCode.Done;
    }

    private static int Act(Surroundings surroundings)
    {
        using var pipe = ProtocolPipe.TakeStandardOutput();
        WorkerPriority.Lower();
        var loop = new WorkerLoop(surroundings, pipe.Say);
        // Ctrl-C reaches every process of the terminal; the host decides what it means.
        using var interrupt = Ignore(PosixSignal.SIGINT);
        using var hangUp = Ignore(PosixSignal.SIGHUP);
        using var fileSize = OperatingSystem.IsLinux() ? Ignore((PosixSignal)FileSizeLimit) : null;
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            loop.End();
        });
        new Thread(() => Listen(loop)) { IsBackground = true, Name = "orders" }.Start();
        new Thread(() => LoadEngine(surroundings)) { IsBackground = true, Name = "engine" }.Start();
        loop.Run();
        return ExitCode.Done;
    }

    private static PosixSignalRegistration Ignore(PosixSignal signal) => PosixSignalRegistration.Create(signal, context => context.Cancel = true);

    // Takes as long as all the rest of a start: on another core, while the order is read.
    private static void LoadEngine(Surroundings surroundings)
    {
        try
        {
            surroundings.Engine();
        }
        catch (MissingComponentException)
        {
            // The run that needs it meets it too, and says so.
        }
    }

    // Without a host nobody takes what the run reports: what is recorded already is what another host goes on from.
    private static void Listen(WorkerLoop loop)
    {
        using var input = new StreamReader(Console.OpenStandardInput());
        var code = ExitCode.Done;
        try
        {
            while (input.ReadLine() is { } line) loop.Take(ProtocolText.ReadHost(line));
        }
        catch (FormatException error)
        {
            Console.Error.WriteLine($"The host broke the protocol. {error.Message}");
            code = ExitCode.BadInput;
        }
        ExitNow(code);
    }

    // Environment.Exit waits for threads that compute in native code; _exit does not.
    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitNow(int code);
}
