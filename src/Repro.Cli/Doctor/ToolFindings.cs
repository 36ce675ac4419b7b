using System.Runtime.InteropServices;
using Repro.Cluster;
using Repro.Results.Provenance;

namespace Repro.Cli.Doctor;

/// <summary>Programs, libraries and packages around the engine.</summary>
internal static class ToolFindings
{
    private const string Apt = "sudo apt-get install ";

    public static IEnumerable<Finding> Of(Machine machine, string root)
    {
        yield return new Finding(".NET", RuntimeEnvironment.GetRuntimeDirectory().TrimEnd('/'), Environment.Version.ToString(), FindingState.Ok, RuntimeInformation.RuntimeIdentifier);
        yield return Figures(machine);
        yield return Images(machine);
        yield return Cluster(root);
        yield return Git(machine, root);
        yield return Peer(machine);
    }

    private static Finding Git(Machine machine, string root)
    {
        if (GitState.Noted(root) is { } noted)
            return noted.Commit is { } commit
                ? new Finding("git", "not needed by a bundle", "", FindingState.Ok, $"runs record the commit that the bundle was packed from, {commit}{(noted.Dirty ? ", and what differed from it" : "")}")
                : new Finding("git", "not needed by a bundle", "", FindingState.Degraded, "this bundle was packed outside a checkout: runs cannot record a commit", "pack it in a git checkout");
        return machine.Program("git") is { } git
            ? new Finding("git", git, Machine.FirstLine(git, "--version").Replace("git version ", ""), FindingState.Ok, "runs record their commit and what differs from it")
            : new Finding("git", "none", "", FindingState.Degraded, "runs cannot record the commit they were made from", Apt + "git");
    }

    private static Finding Figures(Machine machine)
    {
#if SCOTTPLOT
        return new Finding("figures", "ScottPlot", "", FindingState.Ok, "the package draws them");
#else
        if (machine.Program("gnuplot") is not { } gnuplot)
            return new Finding("figures", "none", "", FindingState.Degraded, "reports come without figures: gnuplot is not installed", Apt + "gnuplot-nox");
        return new Finding("figures", gnuplot, Machine.FirstLine(gnuplot, "--version").Replace("gnuplot ", "").Replace(" patchlevel ", "."), FindingState.Ok, "gnuplot draws them");
#endif
    }

    /// <summary>In the order in which the program looks: REPRO_STB, beside itself, the system's.</summary>
    private static Finding Images(Machine machine)
    {
        if (machine.Variable("REPRO_STB") is { Length: > 0 } named && !File.Exists(named))
            return new Finding("images", named, "", FindingState.Missing, "REPRO_STB names a file that is not there: images are neither read nor written", "unset REPRO_STB");
        var beside = Path.Combine(AppContext.BaseDirectory, "libstb.so.0");
        var library = machine.Variable("REPRO_STB") is { Length: > 0 } given ? given : File.Exists(beside) ? beside : machine.Library("libstb.so.0");
        return library is null
            ? new Finding("images", "none", "", FindingState.Missing, "images are neither read nor written: predict, data inspect and the drawn checks fail", Apt + "libstb0")
            : new Finding("images", library, "", FindingState.Ok, "libstb reads and writes PNG and JPEG");
    }

    /// <summary>What the build has of Orleans; a bundle, which has no setup, is packed again.</summary>
    private static Finding Cluster(string root)
    {
        var setup = Path.Combine(root, "setup");
        return ClusterPackages.CompiledIn
            ? new Finding("cluster", ClusterPackages.HasDashboard ? "Microsoft.Orleans, with its dashboard" : "Microsoft.Orleans", ClusterPackages.Version, FindingState.Ok, "this machine can be a silo, and submit sweeps to a cluster")
            : new Finding("cluster", "not compiled", "", FindingState.Degraded, $"no silo and no client of a cluster is in this build; several hosts can still share a PostgreSQL store. {ClusterPackages.Reason}",
                $"{(File.Exists(setup) ? setup : "pack the bundle again:  ./setup --bundle FILE")} --feed DIR --cluster orleans  (DIR: a folder with the packages of Microsoft.Orleans {ClusterPackages.Version})");
    }

    private static Finding Peer(Machine machine)
    {
        const string Version = "import importlib.metadata as m; print(m.version('torch'))";
        var python = machine.At("/usr/bin/python3");
        var version = File.Exists(python) ? Machine.FirstLine(python, "-c", Version) : "";
        return version.Length > 0
            ? new Finding("peer", $"PyTorch of {python}", version, FindingState.Ok, "benchmarks and the engine's tests compare with it")
            : new Finding("peer", "none", "", FindingState.Degraded, "benchmarks have no peer, and tests against PyTorch are skipped; nothing else needs it", Apt + "python3-torch");
    }
}
