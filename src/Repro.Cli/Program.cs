using Repro.Cli;
using Repro.Experiments;
using Repro.Figures;

return ReproProgram.Run(args, new Surroundings
{
    Out = Console.Out,
    Error = Console.Error,
    OutIsTerminal = !Console.IsOutputRedirected,
    ErrorIsTerminal = !Console.IsErrorRedirected,
    Experiments = () => Catalog.All,
    Renderer = () => FigureRenderers.Best(),
});
