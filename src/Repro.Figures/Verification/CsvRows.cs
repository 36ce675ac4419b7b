using System.Text;

namespace Repro.Figures.Verification;

/// <summary>Reads CSV as <see cref="FigureData"/> writes it (RFC 4180). It reads damaged files too, for those are what a comparison has to tell of.</summary>
internal static class CsvRows
{
    public static List<string[]> Read(string csv)
    {
        var rows = new List<string[]>();
        var row = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < csv.Length; i++)
        {
            var c = csv[i];
            if (quoted && c == '"' && i + 1 < csv.Length && csv[i + 1] == '"') field.Append(csv[++i]);
            else if (c == '"') quoted = !quoted;
            else if (quoted || c is not (',' or '\r' or '\n')) field.Append(c);
            else if (c == ',') EndField();
            else if (c == '\n') EndRow();
        }
        if (field.Length > 0 || row.Count > 0) EndRow();
        return rows;

        void EndField()
        {
            row.Add(field.ToString());
            field.Clear();
        }

        void EndRow()
        {
            EndField();
            rows.Add([.. row]);
            row.Clear();
        }
    }
}
