using System.Globalization;
using System.Text;
using Repro.Figures;
using Repro.Results.Runs;
using Repro.Studies.Statistics;

namespace Repro.Reports.Figures;

/// <summary>One picture of each kind that reports draw, with how to read it: a page that shows what can be had, and a check by eye of every builder.</summary>
public static class Gallery
{
    private sealed record Entry(string Kind, Figure Figure, string Purpose, string Reading, string Truth);

    /// <summary>Writes <c>README.md</c>, and of every kind a PNG of one column and an SVG of two.</summary>
    /// <param name="command">What was called, for the page: <c>./repro figures --gallery docs/gallery</c>.</param>
    /// <returns>Full paths, the page first.</returns>
    /// <exception cref="Repro.Figures.FigureException">The renderer refused a figure.</exception>
    /// <exception cref="Repro.Studies.Formats.StorageException">The disk refuses the page.</exception>
    public static IReadOnlyList<string> Write(IFigureRenderer renderer, string folder, string command)
    {
        var files = new List<string>();
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"# Figures\n\nEvery kind of figure that reports draw. All data here are **generated, not measured**: each picture says from what, so that one can see whether it tells the truth.\nThe same command gives the same data and, with the same renderer, the same pictures:\n\n```sh\n{command}\n```\n\nDrawn by {renderer.Name}. Below, each stands as in one column of a two-column paper; the link leads to its size for both columns.\n");
        foreach (var entry in Entries())
        {
            var wide = renderer.Render(entry.Figure, folder, FigureFormat.Svg)[0];
            var narrow = entry.Figure.Marks[0] is ImageGrid ? renderer.Render(entry.Figure, folder, FigureFormat.Png)[0] : renderer.Render(ColumnWidths.Narrow(entry.Figure), folder, FigureFormat.Png)[0];
            files.AddRange([wide, narrow]);
            page.Append(CultureInfo.InvariantCulture, $"\n## {entry.Kind}\n\n![{entry.Figure.Title}]({Path.GetFileName(narrow)})\n\n*{entry.Figure.Caption}*\n\n- For: {entry.Purpose}\n- How to read it: {entry.Reading}\n- Generated from: {entry.Truth}\n- [Both columns]({Path.GetFileName(wide)})\n");
        }
        var readme = Path.GetFullPath(Path.Combine(folder, "README.md"));
        DurableFile.Write(readme, Encoding.UTF8.GetBytes(page.ToString()));
        return [readme, .. files];
    }

    /// <summary>Every figure of the gallery, in its order.</summary>
    public static IReadOnlyList<Figure> Figures() => [.. Entries().Select(entry => entry.Figure)];

    private static IEnumerable<Entry> Entries()
    {
        const string Search = "120 random trials with error 8 + 5 (log10 rate + 1.6)² + 2 if plain + 6 (momentum − 0.9)², noise of deviation 0.8; rates above 0.8 fail. Weight decay does nothing.";
        var search = GalleryData.Search();
        var (pruned, curves, rungs) = GalleryData.Pruned();
        var forecast = GalleryData.Forecast();
        var (tokens, weights) = GalleryData.Attention();
        yield return new Entry("Values beside the paper's", ValueBeside.Of("values", "Invented claims beside invented runs", GalleryData.Claims(), "ones that the verdicts were made from")!,
            "the first screen of a paper's report: which claims hold.", "an interval that lies inside the shaded region reproduces the claim, one that lies outside does not, and anything else is inconclusive.",
            "papers' values of 9, 8, 7 and 6 %, which no paper states, and normal runs with means 9.05, 9.4 and 7.3 % and deviations 0.1, 0.2 and 0.3; of claim D no run. The intervals are by the rule that judges.");
        yield return new Entry("Learning curves", LearningCurveBands.Of("bands", "validation_error", GalleryData.Curves())!,
            "settings that were trained on several seeds each.", "where bands stay apart, the means differ at that step; the bands are pointwise, so that one step where they part by chance proves nothing.", "exponentials that fall to 8, 9 and 12 %, five seeds of deviation 0.4.");
        yield return new Entry("Every trial of a sweep", SweepScatter.Of(search)!, "how a search went.", "a best-so-far line that has long been flat says that more trials of the same kind would find little.", Search);
        foreach (var (slice, i) in Slices.Of(search).Take(1).Select((slice, i) => (slice, i)))
            yield return new Entry("Slices", slice, "one hyperparameter at a time.", "the lower edge of the cloud is what the hyperparameter allows, its height above that is what the others and chance do.", Search);
        if (ParallelCoordinates.Of(search) is { } parallel) yield return new Entry("Parallel coordinates", parallel, "all hyperparameters together.", "where the dark lines (low error) meet on an axis, good trials agree on its value.", Search);
        if (ImportancePlot.Of(search, new TrialDraws("random", "none")).Figure is { } importance) yield return new Entry("Importance of hyperparameters", importance, "what to search next, and what to leave alone.", "an interval that reaches 0 says that the hyperparameter may not matter at all.", Search);
        if (BestOfN.Of(search, new TrialDraws("random", "none")).Figure is { } best) yield return new Entry("Best of n", best, "what a smaller or larger budget would have found.", "two methods compared at different budgets are compared at different places of such a curve.", Search);
        yield return new Entry("Rungs of a pruner", RungPlot.Of(pruned, curves, rungs, "successive halving")!, "what a pruner cut, and when.", "a cut curve that was about to cross the others is a trial that was cut too early.", "81 of those trials, whose noisy curves are cut to the best third at steps 100 and 300.");
        yield return new Entry("An ablation's differences", ForestPlot.Of("validation_error", GalleryData.Arms())!, "what each change does, with seeds paired.", "an interval that crosses 0 leaves open whether the change does anything.", "eight pairs an arm, true differences 4, 0.4 and −0.8 points, deviation 1.");
        yield return new Entry("Samples", SampleGrid.Of("samples", "Samples", "The first sixteen that were drawn, none left out.", GalleryData.Images()), "what a generative model makes, or which examples a rule chose.", "the rule under the picture says how they were chosen; without one, a grid proves nothing.", "discs of random place, size and hue.");
        yield return new Entry("A forecast", ForecastFan.Of("forecast", "Two days, and what was forecast", "hours", "load (MW)", forecast.History, forecast.Truth, forecast.Times, forecast.Samples),
            "probabilistic forecasts of a series.", "half of the truth lies in the darkest band and one value in twenty outside of all, if the model knows how sure it may be.", "a sine of 24 hours with noise of deviation 1.5; the forecast is the true distribution.");
        yield return new Entry("Attention", AttentionMap.Of("attention", "layer 5, head 1", tokens, tokens, weights), "which token looks at which.", "a row is one query; its weights add up to 1.", "scores that favour the token itself, the one before, and for \"it\" the animal.");
        yield return new Entry("Calibration of probabilities", Calibration.OfProbabilities("calibration", "How often what is called likely happens", GalleryData.Predictions()), "classifiers, and anything else that states probabilities.", "below the diagonal on the right (and above it on the left) the model is too sure.", "4,000 predictions p that happen with probability 1 / (1 + ((1 − p) / p)^0.6).");
        yield return new Entry("Calibration of intervals", Calibration.OfIntervals("coverage", "How often central intervals hold the truth", GalleryData.Covered(), 500), "probabilistic forecasts.", "below the diagonal the intervals are too narrow.", "normal forecasts with 0.8 of the true deviation, 500 truths.");
    }
}
