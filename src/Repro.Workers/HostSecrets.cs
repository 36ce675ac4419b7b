using System.Diagnostics;

namespace Repro.Workers;

/// <summary>What a host knows and its workers must not: a worker runs code of experiments, and speaks to its host alone.</summary>
public static class HostSecrets
{
    private static readonly HashSet<string> Names = new(["PGPASSWORD", "PGPASSFILE", "REPRO_STORE"], StringComparer.Ordinal);

    /// <summary>Whether a variable of the environment is one: the way into the database, or into the object store (<c>AWS_*</c>).</summary>
    public static bool Has(string variable) => Names.Contains(variable) || variable.StartsWith("AWS_", StringComparison.Ordinal);

    /// <summary>Takes them out of the environment that a process would inherit.</summary>
    public static void TakeFrom(ProcessStartInfo start)
    {
        foreach (var name in start.Environment.Keys.Where(Has).ToList()) start.Environment.Remove(name);
    }
}
