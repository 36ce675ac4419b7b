using System.Globalization;
using System.Text.Json;
using Repro.Studies.Runs;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Tests.Samplers;

/// <summary>Densities beside those of Optuna 3.1, recorded by tests/peers/tpe_reference.py.</summary>
public class TpeDensityTests
{
    // Ours leave out what all normal factors have in common, 1/sqrt(2 pi).
    private static readonly double Root = Math.Sqrt(2 * Math.PI);
    private static readonly SearchSpace Space = new([new FloatRange("x", 0, 1), new FloatRange("y", 0, 1), new Categorical("c", ["a", "b", "c"])]);
    private static readonly JsonElement[] Reference =
        [.. JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Samplers", "tpe-reference.json"))).RootElement.GetProperty("cases").EnumerateArray()];

    [Fact]
    public void A_density_of_one_number_is_that_of_Optuna()
    {
        foreach (var recorded in Reference)
        {
            var observations = Numbers(recorded.GetProperty("observations").GetProperty("x")).Order().ToArray();
            var mixture = new NormalMixture();
            mixture.Fit(observations, 0);
            Agree(Numbers(recorded.GetProperty("x")), Numbers(recorded.GetProperty("points").GetProperty("x")).Select(x => mixture.Density(x) / Root));
        }
    }

    [Fact]
    public void A_density_of_one_choice_is_that_of_Optuna()
    {
        foreach (var recorded in Reference)
        {
            var frequencies = new ChoiceFrequencies(3);
            frequencies.Fit([.. Numbers(recorded.GetProperty("observations").GetProperty("c")).Select(c => (c + 0.5) / 3)]);
            Agree(Numbers(recorded.GetProperty("c")), Numbers(recorded.GetProperty("points").GetProperty("c")).Select(c => frequencies.Probability((c + 0.5) / 3)));
        }
    }

    [Fact]
    public void A_density_of_all_together_is_that_of_Optuna()
    {
        foreach (var recorded in Reference)
        {
            var history = new TrialHistory(Space, ObjectiveDirection.Minimize);
            var observations = Configurations(recorded.GetProperty("observations"));
            for (var i = 0; i < observations.Count; i++) history.Record(i, observations[i], RunState.Completed, i);
            var mixture = new KernelMixture(Space);
            mixture.Fit(history, history.Ranked);
            Agree(Numbers(recorded.GetProperty("all")), Configurations(recorded.GetProperty("points")).Select(point =>
            {
                var units = new double[3];
                Space.UnitsOf(point, units);
                return mixture.Density(units) / (Root * Root);
            }));
        }
    }

    [Fact]
    public void The_fast_exponential_is_exact_to_twelve_digits()
    {
        for (var x = -700.0; x <= 700; x += 0.37)
            Assert.Equal(1, VectorMath.Exp(System.Runtime.Intrinsics.Vector256.Create(x))[2] / Math.Exp(x), 1e-12);
        Assert.True(VectorMath.Exp(System.Runtime.Intrinsics.Vector256.Create(-1e9))[0] < 1e-300);
    }

    private static void Agree(IEnumerable<double> expected, IEnumerable<double> actual)
    {
        foreach (var (theirs, ours) in expected.Zip(actual, (a, b) => (a, b))) Assert.Equal(1, ours / theirs, 1e-6);
    }

    private static IEnumerable<double> Numbers(JsonElement array) => array.EnumerateArray().Select(v => v.GetDouble());

    private static List<Configuration> Configurations(JsonElement columns) =>
        [.. Numbers(columns.GetProperty("x")).Zip(Numbers(columns.GetProperty("y")), Numbers(columns.GetProperty("c"))).Select(p => Configuration.Of(
        [
            KeyValuePair.Create("x", p.First.ToString(CultureInfo.InvariantCulture)), KeyValuePair.Create("y", p.Second.ToString(CultureInfo.InvariantCulture)),
            KeyValuePair.Create("c", "abc"[(int)p.Third].ToString()),
        ]))];
}
