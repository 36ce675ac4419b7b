using Repro.Cli;
using Repro.Cli.Tests.Fakes;

// `repro` with fake experiments, for tests that need a process of its own: signals, locks, deaths.
return ReproProgram.Run(args, FakeSurroundings.Create(Console.Out, Console.Error) with
{
    OutIsTerminal = !Console.IsOutputRedirected,
    ErrorIsTerminal = !Console.IsErrorRedirected,
});
