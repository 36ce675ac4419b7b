using Repro.Studies.Randomness;
using Repro.Training.Checks;

namespace Repro.Training.Tests.Checks;

public sealed class ExchangedNamesTests
{
    [Fact]
    public void Mean_and_deviation_are_those_over_all_permutations_of_the_names()
    {
        long[] labels = [.. Enumerable.Range(0, 400).Select(i => (long)(i % 4))];
        var numbers = new Philox(3, RandomPurpose.Checks);
        long[] answers = [.. labels.Select(label => numbers.NextInt32(3) == 0 ? (long)numbers.NextInt32(4) : (label * label) % 4)];

        double[] rates = [.. Permutations([0, 1, 2, 3]).Select(names => labels.Zip(answers).Count(e => e.First == names[e.Second]) / 400.0)];

        var compared = ExchangedNames.Compare(labels, answers);
        Assert.Equal(24, rates.Length);
        Assert.Equal(rates.Average(), compared.Mean, 1e-12);
        Assert.Equal(Math.Sqrt(rates.Average(r => Math.Pow(r - rates.Average(), 2))), compared.Deviation, 1e-12);
        Assert.Equal(rates[0], compared.Value, 1e-12);
    }

    [Fact]
    public void Always_naming_one_class_is_never_better_than_chance()
    {
        long[] labels = [.. Enumerable.Repeat(0L, 90), .. Enumerable.Repeat(1L, 10)];
        var compared = ExchangedNames.Compare(labels, new long[100]);
        Assert.Equal(0.5, compared.Value);
        Assert.False(compared.Value > compared.Required);
    }

    [Fact]
    public void A_perfect_classifier_of_four_classes_is_better_than_chance()
    {
        long[] labels = [.. Enumerable.Range(0, 40).Select(i => (long)(i % 4))];
        var compared = ExchangedNames.Compare(labels, labels);
        Assert.Equal((1, 0.25), (compared.Value, compared.Mean));
        Assert.True(compared.Value > compared.Required);
    }

    private static IEnumerable<long[]> Permutations(long[] items) => items.Length == 1
        ? [items]
        : items.SelectMany(first => Permutations([.. items.Where(item => item != first)]).Select(rest => (long[])[first, .. rest]));
}
