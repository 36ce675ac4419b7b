using System.Globalization;
using Repro.Cluster.Silos;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Studies.Scheduling;

namespace Repro.Cli.Cluster;

/// <summary>The silo that a person means: by its short name, as the status shows it, or by its whole name in the logs.</summary>
internal static class NamedSilo
{
    private const int MostListed = 5;

    /// <returns>Its whole name.</returns>
    /// <exception cref="BadInputException">None is meant, or several.</exception>
    public static string Find(QueueSnapshot queue, string text)
    {
        var meant = queue.Silos.Select(silo => silo.Name).Where(name => IsMeant(name, text)).ToList();
        if (meant.Count == 1) return meant[0];
        if (meant.Count > 1) throw new BadInputException($"{meant.Count} silos are called '{text}': {string.Join(", ", meant)}. Give the whole name of one.");
        if (queue.Dead.FirstOrDefault(silo => IsMeant(silo.Name, text)) is { } dead)
            throw new BadInputException($"The silo {text} is gone since {dead.At.LocalDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}: {dead.Why}");
        var names = queue.Silos.Select(silo => HostName.ShortOf(silo.Name)).Distinct().ToList();
        throw new BadInputException(names.Count == 0 ? $"There is no silo '{text}': none has joined."
            : $"There is no silo '{text}'. Silos, nearest first: {string.Join(", ", NearestWords.Order(text, names).Take(MostListed))}{(names.Count > MostListed ? $" and {names.Count - MostListed} more" : "")}.");
    }

    /// <summary>Whether a silo is there that is called so.</summary>
    public static bool IsIn(QueueSnapshot queue, string text) => queue.Silos.Any(silo => IsMeant(silo.Name, text));

    private static bool IsMeant(string host, string text) => host == text || HostName.ShortOf(host) == text;
}
