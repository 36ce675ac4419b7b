namespace Repro.Reports.Documents;

/// <summary>The places of one document that links lead to, and which addresses a link may have at all.</summary>
internal sealed class LinkTargets
{
    /// <summary>What the HTML page itself names; a document's own ids keep clear of them.</summary>
    public const string Content = "content";

    private readonly HashSet<string> _ids = new(StringComparer.Ordinal) { Content };

    /// <exception cref="ArgumentException">An id stands twice, is empty or has a space in it, or a table has not one id a row.</exception>
    public LinkTargets(Document document)
    {
        foreach (var block in document.Lead) Collect(block);
        foreach (var section in document.Sections)
        {
            Add(section.Id);
            foreach (var block in section.Blocks) Collect(block);
        }
    }

    /// <summary>The id of a named table on the HTML page.</summary>
    public static string OfTable(string name) => "table-" + name;

    /// <summary>
    /// The address as it may stand in a link: an anchor of this document, a path relative to the report, http, https or mailto. Null for any other
    /// (a script, a path from the root of a disk or a host, an anchor that is not there), whose words are then plain text.
    /// </summary>
    public string? Resolve(string address)
    {
        if (address.StartsWith('#')) return _ids.Contains(address[1..]) ? Encode(address) : null;
        // Browsers drop control characters, and read a backslash as a slash.
        if (address.Length == 0 || address[0] == '/' || address.Any(c => char.IsControl(c) || c == '\\')) return null;
        var colon = address.IndexOf(':', StringComparison.Ordinal);
        var path = address.IndexOfAny(['/', '?', '#']);
        var scheme = colon >= 0 && (path < 0 || colon < path) ? address[..colon].Trim().ToLowerInvariant() : "";
        return scheme is "" or "http" or "https" or "mailto" ? Encode(address.Trim()) : null;
    }

    private void Collect(Block block)
    {
        switch (block)
        {
            case Subsection inner:
                Add(inner.Id);
                foreach (var child in inner.Blocks) Collect(child);
                break;
            case Details details:
                foreach (var child in details.Blocks) Collect(child);
                break;
            case Table table:
                if (table.RowIds.Count > 0 && table.RowIds.Count != table.Rows.Count)
                    throw new ArgumentException($"The table '{table.Caption}' has {table.Rows.Count} rows and {table.RowIds.Count} row ids: it wants one a row, or none.");
                if (table.Name.Length > 0) Add(OfTable(table.Name));
                foreach (var id in table.RowIds) Add(id);
                break;
            default: break;
        }
    }

    private void Add(string id)
    {
        if (id.Length == 0 || id.Any(char.IsWhiteSpace)) throw new ArgumentException($"The id '{id}' is no anchor: it is empty or has a space in it.");
        if (!_ids.Add(id)) throw new ArgumentException($"The id '{id}' stands twice in the document, and a link could not tell which is meant.");
    }

    /// <summary>What neither an attribute nor Markdown's parentheses can hold.</summary>
    private static string Encode(string address) =>
        string.Concat(address.Select(c => c is ' ' or '"' or '\'' or '<' or '>' or '(' or ')' or '`' or '|' || char.IsWhiteSpace(c) ? Uri.HexEscape(c) : c.ToString()));
}
