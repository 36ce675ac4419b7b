using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.distributions;

namespace Repro.Torch.Tests;

public class DistributionTests
{
    private static IEnumerable<string> DrawnNames => ReferenceValues.Distributions.Names
        .Where(name => name.StartsWith("draw.", StringComparison.Ordinal) && name.EndsWith(".values", StringComparison.Ordinal)).Select(name => name.Split('.')[1]);

    public static TheoryData<string> Drawn => [.. DrawnNames];

    public static TheoryData<string> WithMoments => [.. DrawnNames.Where(name => ReferenceValues.Distributions.Has($"{name}.variance.out") && name != "multivariate_normal_precision")];

    [Theory]
    [MemberData(nameof(Drawn))]
    public void Equal_seeds_draw_what_PyTorch_draws_with_its_gradients(string name)
    {
        using var scope = NewDisposeScope();
        var parameters = Parameters(name);
        using var distribution = DistributionCases.Distributions[name].Make(parameters);
        manual_seed(29);
        var draws = distribution.rsample(2);
        ReferenceValues.Distributions.AssertEqual($"draw.{name}.values", draws);
        manual_seed(29);
        var plain = distribution.sample(2);
        Assert.False(plain.requires_grad);
        ReferenceValues.Distributions.AssertEqual($"draw.{name}.values", plain);
        var wanted = Enumerable.Range(0, parameters.Length).Where(i => ReferenceValues.Distributions.Has($"draw.{name}.gradient.{i}")).ToList();
        Assert.Equal(wanted.Count > 0, draws.requires_grad);
        if (wanted.Count == 0)
            return;
        (draws * OperatorCases.Weights(draws)).sum().backward();
        foreach (var i in wanted)
            ReferenceValues.Distributions.AssertEqual($"draw.{name}.gradient.{i}", parameters[i].grad!, 1e-4, 1e-5);
    }

    [Theory]
    [MemberData(nameof(WithMoments))]
    public void Twenty_thousand_draws_have_the_mean_and_variance(string name)
    {
        const int count = 20_000;
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        // Tails that are light enough for a fourth moment.
        var parameters = Parameters(name).Select(parameter => (parameter * 0.2).to(float64)).ToArray();
        parameters = name switch
        {
            "pareto" => [parameters[0], parameters[1] + 2],
            "fisher_snedecor" => [parameters[0], parameters[1] + 4],
            "log_normal" => [parameters[0], parameters[1] - 1.5],
            _ => parameters,
        };
        using var distribution = DistributionCases.Distributions[name].Make(parameters);
        manual_seed(31);
        var draws = distribution.sample(count).to(float64);
        var (mean, variance) = (distribution.mean, distribution.variance);
        var centred = draws - mean;
        var meanError = (variance / count).sqrt();
        var varianceError = ((centred.pow(4).mean([0]) - centred.pow(2).mean([0]).pow(2)) / count).clamp_min(0).sqrt();
        // What never varies but for rounding, as a category of probability one, is let pass by the last term.
        Assert.True((centred.mean([0]).abs() <= (5 * meanError) + 1e-12).all().ToBoolean(), $"mean {draws.mean([0]).ToString(numpy)} instead of {mean.ToString(numpy)}");
        Assert.True(((centred.pow(2).mean([0]) - variance).abs() <= (5 * varianceError) + 1e-12).all().ToBoolean(), $"variance {centred.pow(2).mean([0]).ToString(numpy)} instead of {variance.ToString(numpy)}");
    }

    [Theory]
    [MemberData(nameof(Drawn))]
    public void A_larger_batch_has_the_same_distribution_for_each_member(string name)
    {
        using var scope = NewDisposeScope();
        using var distribution = DistributionCases.Distributions[name].Make(Parameters(name));
        var batch = (long[])[2, .. distribution.batch_shape];
        using var larger = distribution.expand(batch);
        Assert.Equal(batch, larger.batch_shape.Shape);
        Assert.Equal(distribution.event_shape, larger.event_shape);
        var draws = larger.sample(3);
        Assert.Equal([3, .. batch, .. distribution.event_shape], draws.shape);
        Assert.True(larger.log_prob(draws).allclose(distribution.log_prob(draws), 1e-4, 1e-4, equal_nan: true));
        Assert.Throws<NotSupportedException>(() => distribution.expand(batch, larger));
    }

    [Theory]
    [MemberData(nameof(Drawn))]
    public void Nothing_is_left_of_a_distribution_that_was_disposed_of(string name)
    {
        using var outer = NewDisposeScope();
        var parameters = Parameters(name);
        void Use()
        {
            using var scope = NewDisposeScope();
            using var distribution = DistributionCases.Distributions[name].Make(parameters);
            var before = scope.DisposablesCount;
            distribution.log_prob(distribution.sample()).Dispose();
            // The draw.
            Assert.Equal(before + 1, scope.DisposablesCount);
        }
        Use();
        Settle();
        var live = Runtime.LiveTensors;
        for (var i = 0; i < 5; i++)
            Use();
        Settle();
        Assert.Equal(live, Runtime.LiveTensors);
        Assert.All(parameters, parameter => Assert.False(parameter.IsInvalid));
    }

    [Fact]
    public void All_values_are_enumerated()
    {
        using var scope = NewDisposeScope();
        Assert.True(Bernoulli(ones(2) / 2).enumerate_support().Equals(tensor(new float[,] { { 0, 0 }, { 1, 1 } })));
        Assert.Equal([4, 1, 1], Binomial(tensor(3), ones(2, 2) / 2).enumerate_support(expand: false).shape);
        Assert.True(Categorical(3).enumerate_support().Equals(tensor([0L, 1L, 2L])));
        Assert.Equal([3, 2, 3], OneHotCategorical(ones(2, 3)).enumerate_support().shape);
        Assert.Equal(1.0, Poisson(2.5).cdf(tensor(40.0)).item<double>(), 1e-12);
        Assert.Equal(Math.Exp(-2.5) * 3.5, Poisson(2.5).cdf(tensor(1.7)).item<double>(), 1e-12);
        Assert.Equal(double.NegativeInfinity, HalfNormal(tensor(1.0)).log_prob(tensor(-0.5)).item<double>());
        Assert.Equal(double.NegativeInfinity, HalfCauchy(tensor(1.0)).log_prob(tensor(-0.5)).item<double>());
        Assert.Equal(2.0, Bernoulli(0.5, null).perplexity().item<double>(), 1e-12);
    }

    [Fact]
    public void What_a_distribution_does_not_have_is_said()
    {
        using var scope = NewDisposeScope();
        Assert.Contains("Gamma has no icdf", Assert.Throws<NotImplementedException>(() => Gamma(ones(1), ones(1)).icdf(ones(1))).Message, StringComparison.Ordinal);
        Assert.Contains("Poisson has no entropy", Assert.Throws<NotImplementedException>(() => Poisson(1.0).entropy()).Message, StringComparison.Ordinal);
        Assert.Throws<NotImplementedException>(() => Binomial(tensor([1, 2]), ones(2) / 2).entropy());
        Assert.Throws<ArgumentException>(() => Bernoulli(ones(1), ones(1)));
        Assert.Throws<ArgumentException>(() => Categorical());
        Assert.Throws<ArgumentException>(() => MultivariateNormal(ones(2), eye(2), eye(2)));
        Assert.Throws<ArgumentException>(() => Independent(Normal(0.0), 1));
    }

    [Fact]
    public void The_generator_that_is_given_is_used_and_stays_the_callers()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        Tensor first;
        using (var normal = Normal(tensor(0.0), tensor(1.0), generator))
            first = normal.sample(4);
        generator.manual_seed(5);
        using (var again = Normal(tensor(0.0), tensor(1.0), generator))
            Assert.True(again.sample(4).Equals(first));
    }

    [Fact]
    public void Constraints_tell_members_from_others()
    {
        using var scope = NewDisposeScope();
        bool[] Check(constraints.Constraint constraint, Tensor value) => constraint.check(value).data<bool>().ToArray();
        var numbers = tensor([-1.5, 0.0, 0.5, 1.0, 2.0, double.NaN]);
        Assert.Equal([false, true, false, true, false, false], Check(constraints.boolean, numbers));
        Assert.Equal([true, true, true, true, true, false], Check(constraints.real, numbers));
        Assert.Equal([false, false, true, true, true, false], Check(constraints.positive, numbers));
        Assert.Equal([false, true, true, true, true, false], Check(constraints.nonnegative, numbers));
        Assert.Equal([false, true, true, true, false, false], Check(constraints.unit_interval, numbers));
        Assert.Equal([false, true, true, false, false, false], Check(constraints.half_open_interval(0, 1), numbers));
        Assert.Equal([true, true, true, false, false, false], Check(constraints.less_than(1), numbers));
        Assert.Equal([false, true, false, true, true, false], Check(constraints.nonnegative_integer, numbers));
        Assert.Equal([false, false, false, true, true, false], Check(constraints.positive_integer, numbers));
        Assert.Equal([false, true, false, true, false, false], Check(constraints.integer_interval(0, 1), numbers));
        Assert.Equal([true, false], Check(constraints.simplex, tensor(new[,] { { 0.25, 0.75 }, { 0.5, 0.6 } })));
        Assert.Equal([true, false], Check(constraints.one_hot, tensor(new[,] { { 0.0, 1 }, { 1, 1 } })));
        Assert.Equal([true, false], Check(constraints.multinomial(3), tensor(new[,] { { 1.0, 2 }, { 2, 2 } })));
        Assert.Equal([true, false], Check(constraints.real_vector, tensor(new[,] { { 1.0, 2 }, { 2, double.NaN } })));
        var matrices = stack([eye(2), -eye(2), ones(2, 2), ones(2, 2).tril(), zeros(2, 2)]);
        Assert.Equal([true, true, false, true, true], Check(constraints.lower_triangular, matrices));
        Assert.Equal([true, false, false, true, false], Check(constraints.lower_cholesky, matrices));
        Assert.Equal([true, false, false, false, false], Check(constraints.corr_cholesky, matrices));
        Assert.Equal([true, true, true, false, true], Check(constraints.symmetric, matrices));
        Assert.Equal([true, false], Check(constraints.positive_definite, matrices[..2]));
        Assert.Equal([true, true], Check(constraints.positive_semidefinite, matrices[TensorIndex.Tensor(tensor([0L, 4L]))]));
        Assert.Equal([true, true], Check(constraints.square, matrices[..2]));
        Assert.Equal([false, true], Check(constraints.cat([constraints.positive, constraints.nonnegative]), tensor([0.0, 0.0])));
        Assert.Equal([false, true], Check(constraints.stack([constraints.positive, constraints.nonnegative]), tensor([0.0, 0.0])));
        Assert.Equal("Interval(0, 1)", constraints.unit_interval.ToString());
        Assert.Throws<InvalidOperationException>(() => constraints.dependent.check(numbers));
    }

    private static Tensor[] Parameters(string name) => [.. Enumerable.Range(0, 3)
        .TakeWhile(i => ReferenceValues.Distributions.Has($"draw.{name}.parameter.{i}")).Select(i => ReferenceValues.Distributions.Get($"draw.{name}.parameter.{i}").requires_grad_())];

    // Transforms hold tensors that only their finalizers free.
    private static void Settle()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
