using System.Reflection;
using Repro.Studies;

namespace Repro.Cluster;

/// <summary>Whether this build has Microsoft.Orleans in it, and why not.</summary>
public static class ClusterPackages
{
    private static readonly Dictionary<string, string> Noted =
        typeof(ClusterPackages).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Where(noted => noted.Value is not null).ToDictionary(noted => noted.Key, noted => noted.Value!);

    /// <summary>Whether silo, grains and client are in this build.</summary>
    public static bool CompiledIn =>
#if ORLEANS
        true;
#else
        false;
#endif

    /// <summary>Whether Orleans' dashboard is; never without the rest.</summary>
    public static bool HasDashboard =>
#if ORLEANS_DASHBOARD
        true;
#else
        false;
#endif

    /// <summary>Of Microsoft.Orleans: the one compiled in, or the one that would be.</summary>
    public static string Version { get; } = Noted["OrleansVersion"];

    /// <summary>Why the build has Orleans, or has not, as <c>./setup</c> found it: "Microsoft.Orleans.Server 10.2.2: no feed has it".</summary>
    public static string Reason { get; } =
        Noted.GetValueOrDefault("ClusterReason") ?? $"Microsoft.Orleans {Version}: built without ./setup, which asks the package feeds for it";

    /// <summary>To be called before anything that needs the cluster.</summary>
    /// <exception cref="MissingComponentException">This build has no Orleans.</exception>
    public static void Require()
    {
        if (!CompiledIn) throw new MissingComponentException(Refusal(Reason));
    }

    internal static string Refusal(string reason) => $"""
        The cluster is not in this build. {reason}.
        Take its packages from a folder of .nupkg files that has them:  ./setup --feed DIR
        Without Orleans several hosts can work on one sweep where they share a PostgreSQL store: docs/sweeps.md.
        """;
}
