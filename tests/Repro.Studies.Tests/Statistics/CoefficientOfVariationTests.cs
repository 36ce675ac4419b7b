using Repro.Studies.Randomness;
using Repro.Studies.Statistics;

namespace Repro.Studies.Tests.Statistics;

public class CoefficientOfVariationTests
{
    [Fact]
    public void The_published_example_is_1_562() =>
        Assert.Equal(1.562, CoefficientOfVariation.Corrected([84.51, 84.50, 87.46, 85.60, 84.20, 86.61, 86.20]), 0.0005);

    [Fact]
    public void Its_mean_over_many_samples_of_three_is_the_coefficient_but_for_the_correction_of_the_quotient()
    {
        const int samples = 50_000;
        var sum = 0.0;
        for (var i = 0; i < samples; i++)
        {
            var philox = new Philox(5, RandomPurpose.GeneratedData, i);
            sum += CoefficientOfVariation.Corrected(StudentTTests.Normals(ref philox, 3, 100, 2));
        }
        Assert.Equal(2 * (1 + (1 / 12.0)), sum / samples, 0.02);
    }

    [Fact]
    public void Scales_that_do_not_begin_at_zero_are_refused()
    {
        Assert.Contains("the smallest is -1", Assert.Throws<ArgumentException>(() => CoefficientOfVariation.Corrected([-1, 2])).Message);
        Assert.Throws<ArgumentException>(() => CoefficientOfVariation.Corrected([0, 0]));
    }
}
