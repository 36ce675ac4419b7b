namespace Repro.Results.Provenance;

/// <summary>What git remembers of a checkout's files.</summary>
/// <param name="folder">Anywhere within the checkout.</param>
public sealed class GitHistory(string folder)
{
    private readonly Dictionary<(string, string), string?> _files = [];

    /// <summary>What keeps the history from being told, as a sentence with what to do; null where all of it is here.</summary>
    public string? Missing => GitState.Git(folder, null, null, "rev-parse", "--is-shallow-repository")?.Trim() switch
    {
        "false" => null,
        "true" => "this is a shallow clone, without the history by which claims are told to have been frozen: git fetch --unshallow",
        _ => "there is no git history here, by which claims are told to have been frozen: take a clone instead of an archive",
    };

    /// <summary>The text of a file at a commit; null where there is no git, no such commit (a shallow clone), or no such file at it.</summary>
    /// <param name="path">Relative to the top of the checkout, with '/'.</param>
    public string? FileAt(string commit, string path)
    {
        if (_files.TryGetValue((commit, path), out var known)) return known;
        // What looks like an option would be taken for one.
        var text = commit.All(char.IsAsciiHexDigit) && commit.Length >= 7 ? GitState.Git(folder, null, null, "show", $"{commit}:{path}") : null;
        return _files[(commit, path)] = text;
    }
}
