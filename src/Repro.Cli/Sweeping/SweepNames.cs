using Repro.Studies;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Sweeping;

/// <summary>What sweeps are called: names of folders, and words of command lines.</summary>
internal static class SweepNames
{
    private const int Longest = 100;

    // A sweep has a folder of its name beside the store's files.
    private const string OfTheStore = SweepStores.FileName;

    /// <exception cref="BadInputException">It is none.</exception>
    public static void Require(string name)
    {
        var valid = name.Length is > 0 and <= Longest && name != "last" && char.IsAsciiLetterOrDigit(name[0])
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
        if (name.StartsWith(OfTheStore, StringComparison.OrdinalIgnoreCase)) throw new BadInputException($"A sweep's name does not begin with {OfTheStore}, as the files of the store do; it was '{name}'.");
        if (!valid) throw new BadInputException($"A sweep's name has letters, digits, '-', '_' and '.', a letter or digit first, at most {Longest}, and is not the word last; it was '{name}'.");
    }

    /// <summary>What a sweep of a study is called where no other has the name.</summary>
    public static string Stem(string study) => new string(study.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-').ToArray()).Trim('-');

    /// <summary>
    /// The name for a study that is started: the given one, or one made of the study's. Where a sweep of that name has the same study and seed, it is meant:
    /// the same command again goes on, and on another machine joins.
    /// </summary>
    /// <returns>The name, and whether there is a sweep of it.</returns>
    /// <exception cref="BadInputException">The given name is another sweep's.</exception>
    public static (string Name, bool Exists) For(ISweepStore store, string? given, string study, Study of, ulong seed)
    {
        if (given is not null)
        {
            Require(given);
            return (given, Exists(given) ?? throw new BadInputException($"There is a sweep '{given}' of another study or seed in {store.Description}. Choose another --name."));
        }
        var stem = Stem(study);
        for (var number = 1; ; number++)
        {
            var name = number == 1 ? stem : $"{stem}-{number}";
            if (Exists(name) is { } exists) return (name, exists);
        }

        // Null: as another study's.
        bool? Exists(string name) => store.Read(name) is not [SweepCreated created, ..] ? false : created.Seed == seed && created.Study == of.Text ? true : null;
    }
}
