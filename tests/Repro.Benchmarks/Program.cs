using Repro.Benchmarks;
using Repro.Studies;
using Repro.Studies.Options;

// `list`, `peers NAME`, `NAME --help`, or `NAME [--json] ARGS`: ./bench calls all four.
try
{
    switch (args)
    {
        case [] or ["list"]:
            foreach (var each in BenchmarkCatalog.All) Console.WriteLine($"  {each.Name,-12} {each.Title}");
            return 0;
        case ["peers", var name]:
            foreach (var package in Find(name).PeerPackages) Console.WriteLine(package);
            return 0;
        case [var name, "--help"]:
            Console.WriteLine($"{name}: {Find(name).Title}");
            Console.WriteLine($"Takes {Find(name).Takes}.");
            return 0;
        default:
            return Measure(Find(args[0]), args.Contains("--json"), [.. args.Skip(1).Where(a => a != "--json")]);
    }
}
catch (BadInputException e)
{
    Console.Error.WriteLine($"bench: {e.Message}");
    return 2;
}
catch (MissingComponentException e)
{
    Console.Error.WriteLine($"bench: {e.Message}");
    return 3;
}

static Benchmark Find(string name) =>
    BenchmarkCatalog.All.FirstOrDefault(b => b.Name == name)
    ?? throw new BadInputException($"There is no benchmark '{name}'. Nearest first: {string.Join(", ", NearestWords.Order(name, BenchmarkCatalog.All.Select(b => b.Name)))}.");

// Exit code 1 where a target is missed.
static int Measure(Benchmark benchmark, bool json, string[] arguments)
{
    var missed = false;
    var headed = false;
    foreach (var row in benchmark.Run(arguments))
    {
        missed |= row.Met == false;
        if (json)
        {
            Console.WriteLine(row.ToJson());
            continue;
        }

        if (!headed) Console.WriteLine($"{"name",-28}{"ours",12}{"peer",12}  {"unit",-10}{"ratio",8}  {"target",-16}met");
        headed = true;
        var met = row.Met switch { true => "yes", false => "NO", null => "-" };
        Console.WriteLine($"{row.Name,-28}{row.Ours,12:G5}{row.Peer?.ToString("G5") ?? "-",12}  {row.Unit,-10}{row.Ratio?.ToString("F3") ?? "-",8}  {row.Target?.ToString() ?? "-",-16}{met}");
    }

    return missed ? 1 : 0;
}
