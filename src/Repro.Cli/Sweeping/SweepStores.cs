using System.CommandLine;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Sweeping;

/// <summary>Where sweeps are kept: <c>--store</c>, or one SQLite file beside the runs.</summary>
internal static class SweepStores
{
    /// <summary>The file in the folder of the runs.</summary>
    public const string FileName = "sweeps.db";

    public static Option<string?> Option() => new("--store")
    {
        Description = "Where sweeps are kept: sqlite:PATH, or postgres://user@host/database for hosts on several machines (default: REPRO_STORE, or sweeps.db in the folder of the runs)",
        HelpName = "STORE",
    };

    /// <summary>What a command needs beside the name of a run or a sweep to find it, each option with a space before it; empty for nothing.</summary>
    /// <param name="store">As <c>--store</c> was given.</param>
    /// <param name="runs">As <c>--runs</c> was given.</param>
    public static string Options(string? store, string? runs) =>
        (store is null ? "" : $" --store {Output.Words.Shell(store)}") + (runs is null ? "" : $" --runs {Output.Words.Shell(runs)}");

    /// <summary>The store's address: as given, from REPRO_STORE, or the file in the folder of the runs.</summary>
    /// <exception cref="BadInputException">It has neither form.</exception>
    public static string Address(string? given, RunsFolder runs)
    {
        var text = given ?? (Environment.GetEnvironmentVariable("REPRO_STORE") is { Length: > 0 } set ? set : $"sqlite:{Path.Combine(runs.Path, FileName)}");
        if (IsPostgres(text)) return text;
        if (text.StartsWith("sqlite:", StringComparison.Ordinal) && text.Length > "sqlite:".Length) return $"sqlite:{Path.GetFullPath(text["sqlite:".Length..])}";
        throw new BadInputException($"--store is sqlite:PATH or postgres://user:password@host:port/database; it was '{text}'.");
    }

    /// <summary>Whether several machines can reach it.</summary>
    public static bool IsPostgres(string address) => address.StartsWith("postgres://", StringComparison.Ordinal) || address.StartsWith("postgresql://", StringComparison.Ordinal);

    /// <summary>Opens a store for a new sweep, and makes the file where it is missing.</summary>
    /// <exception cref="StorageException">It cannot be opened or made.</exception>
    public static ISweepStore OpenOrMake(string address)
    {
        if (IsPostgres(address)) return new PostgresStore(address);
        var path = PathOf(address);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The folder of the store {path} cannot be made: {StorageException.Reason(e)}. Name another file with --store sqlite:PATH.", e);
        }
        return new SqliteStore(path);
    }

    /// <summary>Whether there is a store at all; of a server only a connection could say.</summary>
    public static bool IsThere(string address) => IsPostgres(address) || File.Exists(PathOf(address));

    /// <summary>Opens a store that is to have sweeps already.</summary>
    /// <exception cref="BadInputException">There is no such file.</exception>
    public static ISweepStore Open(string address) => IsThere(address) ? OpenOrMake(address)
        : throw new BadInputException($"There are no sweeps in {PathOf(address)} yet: it does not exist. Start one: ./repro sweep resnet/learning-rate. Another store: --store sqlite:PATH.");

    /// <summary>The file of a store that is one.</summary>
    public static string PathOf(string address) => address["sqlite:".Length..];
}
