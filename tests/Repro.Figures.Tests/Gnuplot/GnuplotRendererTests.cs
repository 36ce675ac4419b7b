using System.Xml.Linq;
using Repro.Figures.Gnuplot;

namespace Repro.Figures.Tests.Gnuplot;

public sealed class GnuplotRendererTests : FigureRendererContract
{
    protected override IFigureRenderer Renderer()
    {
        var renderer = GnuplotRenderer.Find();
        Skip.If(renderer is null, "gnuplot is not installed (apt-get install gnuplot-nox).");
        return renderer!;
    }

    [Fact]
    public void A_program_that_is_not_there_is_named_with_what_installs_it()
    {
        var error = Assert.Throws<FigureException>(() => new GnuplotRenderer("/nonexistent/gnuplot"));
        Assert.Contains("/nonexistent/gnuplot", error.Message, StringComparison.Ordinal);
        Assert.Contains("apt-get install gnuplot-nox", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void What_the_program_complains_of_is_passed_on()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Needs a shell script in the program's place.");
        var folder = Directory.CreateTempSubdirectory("repro-gnuplot-").FullName;
        try
        {
            var program = Path.Combine(folder, "gnuplot");
            File.WriteAllText(program, "#!/bin/sh\n[ \"$1\" = --version ] && echo 'gnuplot 9.9' && exit 0\necho 'line 3: undefined variable: wings' >&2\nexit 1\n");
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var error = Assert.Throws<FigureException>(() => new GnuplotRenderer(program).Render(ExampleFigures.Curves(), folder, FigureFormat.Svg));
            Assert.Contains("undefined variable: wings", error.Message, StringComparison.Ordinal);
            Assert.Contains("curves.svg", error.Message, StringComparison.Ordinal);
            Assert.Equal([program], Directory.GetFileSystemEntries(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [SkippableFact]
    public void Two_figures_of_one_page_share_no_ids()
    {
        var renderer = Renderer();
        var folder = Directory.CreateTempSubdirectory("repro-gnuplot-").FullName;
        try
        {
            var ids = new[] { ExampleFigures.Curves(), ExampleFigures.Categories() }
                .SelectMany(figure => XDocument.Load(renderer.Render(figure, folder, FigureFormat.Svg)[0]).Descendants().Attributes("id").Select(id => id.Value))
                .ToList();
            Assert.True(ids.Count > 10);
            Assert.Equal(ids.Count, ids.Distinct().Count());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
