using Repro.Figures;
using Repro.Reports.Figures;

namespace Repro.Reports.Tests.Figures;

public sealed class ColumnWidthsTests
{
    private static readonly Figure Wide = new("wide", "Wide", new Axis("x"), new Axis("y"), [new Points("", 0, [1], [1])]) { Height = 290 };

    [Fact]
    public void A_wide_figure_becomes_one_column_and_lower() => Assert.Equal(("wide-column", 252.0, 200.0), Size(ColumnWidths.Narrow(Wide)));

    [Fact]
    public void Rows_keep_their_height() => Assert.Equal(("wide-column", 252.0, 290.0), Size(ColumnWidths.Narrow(Wide with { Y = new Axis("") { Categories = ["a", "b"] } })));

    [Fact]
    public void A_square_stays_square() => Assert.Equal(("wide-column", 252.0, 252.0), Size(ColumnWidths.Narrow(Wide with { Width = 300, Height = 300 })));

    [Fact]
    public void What_is_narrow_already_stays_as_it_is() => Assert.Equal(("wide-column", 200.0, 150.0), Size(ColumnWidths.Narrow(Wide with { Width = 200, Height = 150 })));

    private static (string, double, double) Size(Figure figure) => (figure.Name, figure.Width, figure.Height);
}
