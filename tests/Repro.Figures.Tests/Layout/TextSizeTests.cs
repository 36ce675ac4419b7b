using Repro.Figures.Layout;

namespace Repro.Figures.Tests.Layout;

public sealed class TextSizeTests
{
    [Fact]
    public void Wrapped_lines_fit_and_lose_no_word()
    {
        const string Text = "Validation loss over five seeds, mean and range, of two depths";
        var lines = TextSize.Wrap(Text, 120, 8, 10);
        Assert.All(lines, line => Assert.True(TextSize.Width(line, 8) <= 120));
        Assert.Equal(Text, string.Join(' ', lines));
    }

    [Fact]
    public void What_does_not_fit_ends_in_an_ellipsis()
    {
        Assert.Equal(["aaa", "bbb…"], TextSize.Wrap("aaa bbb cccccccccc", TextSize.Width("bbb… ", 8), 8, 2));
        Assert.Equal("", TextSize.Shorten("", 10, 8));
    }

    [Fact]
    public void Control_characters_and_characters_that_the_font_lacks_do_not_reach_a_renderer() =>
        Assert.Equal("a b c□ é±−10⁻⁰", TextSize.Clean("a\nb\tc日\u0000é±−10⁻⁰"));
}
