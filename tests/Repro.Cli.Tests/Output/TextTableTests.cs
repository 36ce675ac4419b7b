using Repro.Cli.Output;
using Repro.Cli.Tests.Fakes;

namespace Repro.Cli.Tests.Output;

public sealed class TextTableTests
{
    [Fact]
    public void A_table_with_room_has_a_line_a_row()
    {
        var table = new TextTable("name", "size") { Right = new HashSet<int> { 1 } };
        Assert.Equal(["name      size", "a       12 MiB", "longer   1 MiB"], Lines(table.Row("a", "12 MiB").Row("longer", "1 MiB")));
    }

    [Fact]
    public void A_wide_table_goes_on_below_and_leaves_nothing_out()
    {
        var prose = string.Join(' ', Enumerable.Range(0, 60).Select(i => $"word{i}"));
        var path = "/a/very/long/" + string.Join('/', Enumerable.Range(0, 20).Select(i => $"folder{i}"));
        var lines = Lines(new TextTable("name", "where", "what it is", "more").Row("short", path, prose, "the end").RowWithNote(prose, "next", "here", "this", "that"));
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 100));
        var all = string.Join(' ', lines);
        Assert.All(prose.Split(' '), word => Assert.Equal(2, all.Split([' ', '\n']).Count(w => w == word)));
        Assert.All(path.Split('/'), part => Assert.Contains(part, all, StringComparison.Ordinal));
        Assert.Equal(["short", "next"], lines.Skip(1).Select(line => line.Split(' ')[0]).Where(first => first.Length > 0));
    }

    [Fact]
    public void A_name_to_copy_is_not_broken_where_there_is_room_elsewhere()
    {
        var id = "resnet-smoke-20261121-070641-e283";
        var prose = string.Join(' ', Enumerable.Repeat("prose", 100));
        Assert.StartsWith(id + "  ", Lines(new TextTable("run", "state", "score").Row(id, prose, prose))[1], StringComparison.Ordinal);
    }

    private static List<string> Lines(TextTable table)
    {
        var text = new StringWriter();
        table.Write(new CommandOutput(FakeSurroundings.Create(text, TextWriter.Null), json: false));
        return text.ToString().TrimEnd('\n').Split('\n').ToList();
    }
}
