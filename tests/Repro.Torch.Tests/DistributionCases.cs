using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.distributions;
using static TorchSharp.torch.distributions.transforms;

namespace Repro.Torch.Tests;

/// <summary>The distributions of tests/peers/reference/distributions.py, written in C#, and a case for each of their methods.</summary>
internal static class DistributionCases
{
    public static readonly Dictionary<string, (Func<Tensor[], Distribution> Make, Func<Tensor, Tensor> Value)> Distributions = new()
    {
        ["normal"] = (p => Normal(p[0], p[1].exp()), Same),
        ["normal_icdf"] = (p => Normal(p[0], p[1].exp()), Unit),
        ["log_normal"] = (p => LogNormal(p[0], p[1].sigmoid()), Positive),
        ["half_normal"] = (p => HalfNormal(p[0].exp()), Positive),
        ["multivariate_normal"] = (p => MultivariateNormal(p[0], Matrix(p[1])), Same),
        ["multivariate_normal_precision"] = (p => MultivariateNormal(p[0], precision_matrix: Matrix(p[1])), Same),
        ["multivariate_normal_factor"] = (p => MultivariateNormal(p[0], scale_tril: linalg.cholesky(Matrix(p[1]))), Same),
        ["uniform"] = (p => Uniform(p[0], p[0] + p[1].exp()), v => v / 2),
        ["uniform_icdf"] = (p => Uniform(p[0], p[0] + p[1].exp()), Unit),
        ["cauchy"] = (p => Cauchy(p[0], p[1].exp()), Same),
        ["cauchy_icdf"] = (p => Cauchy(p[0], p[1].exp()), Unit),
        ["half_cauchy"] = (p => HalfCauchy(p[0].exp()), Positive),
        ["half_cauchy_icdf"] = (p => HalfCauchy(p[0].exp()), Unit),
        ["laplace"] = (p => Laplace(p[0], p[1].exp()), Same),
        ["laplace_icdf"] = (p => Laplace(p[0], p[1].exp()), Unit),
        ["gumbel"] = (p => Gumbel(p[0], p[1].exp()), Same),
        ["gumbel_icdf"] = (p => Gumbel(p[0], p[1].exp()), Unit),
        ["gamma"] = (p => Gamma(p[0].exp(), p[1].exp()), Positive),
        ["gamma_cdf"] = (p => Gamma(full_like(p[0], 1.7), p[0].exp()), Positive),
        ["chi2"] = (p => Chi2(p[0].exp()), Positive),
        ["exponential"] = (p => Exponential(p[0].exp()), Positive),
        ["exponential_icdf"] = (p => Exponential(p[0].exp()), Unit),
        ["fisher_snedecor"] = (p => FisherSnedecor(p[0].exp() + 3, p[1].exp() + 5), Positive),
        ["dirichlet"] = (p => Dirichlet(p[0].exp()), Simplex),
        ["dirichlet_peak"] = (p => Dirichlet(p[0].exp() + 1), Simplex),
        ["beta"] = (p => Beta(p[0].exp(), p[1].exp()), Unit),
        ["bernoulli"] = (p => Bernoulli(p[0].sigmoid()), Binary),
        ["bernoulli_logits"] = (p => Bernoulli(logits: p[0]), Binary),
        ["geometric"] = (p => Geometric(p[0].sigmoid()), Count),
        ["geometric_logits"] = (p => Geometric(logits: p[0]), Count),
        ["logit_relaxed_bernoulli"] = (p => LogitRelaxedBernoulli(p[0].exp(), p[1].sigmoid()), Same),
        ["relaxed_bernoulli"] = (p => RelaxedBernoulli(p[0].exp(), logits: p[1]), Unit),
        ["categorical"] = (p => Categorical(p[0].exp()), v => Category(v)[TensorIndex.Colon, 0]),
        ["categorical_logits"] = (p => Categorical(logits: p[0]), Category),
        ["categorical_many"] = (p => Categorical(logits: p[0]), v => Category(v).t()),
        ["one_hot_categorical"] = (p => OneHotCategorical(p[0].exp()), v => nn.functional.one_hot(v.detach().argmax(-1), 4).to(v.dtype)),
        ["multinomial"] = (p => Multinomial(6, p[0].exp()), TimesOf6),
        ["multinomial_logits"] = (p => Multinomial(6, logits: p[0]), TimesOf6),
        ["exp_relaxed_categorical"] = (p => ExpRelaxedCategorical(p[0].exp(), logits: p[1]), v => v.log_softmax(-1)),
        ["relaxed_one_hot_categorical"] = (p => RelaxedOneHotCategorical(p[0].exp(), p[1].exp()), Simplex),
        ["binomial"] = (p => Binomial(tensor(7), p[0].sigmoid()), Count),
        ["binomial_logits"] = (p => Binomial(tensor([9, 5, 6, 7]), logits: p[0]), Count),
        ["negative_binomial"] = (p => NegativeBinomial(p[0].exp(), p[1].sigmoid()), Count),
        ["negative_binomial_logits"] = (p => NegativeBinomial(p[0].exp(), logits: p[1]), Count),
        ["poisson"] = (p => Poisson(p[0].exp()), Count),
        ["pareto"] = (p => Pareto(p[0].exp(), p[1].exp() + 2.5), v => v.exp() + 20),
        ["weibull"] = (p => Weibull(p[0].exp(), p[1].exp() + 0.5), Positive),
        ["weibull_icdf"] = (p => Weibull(p[0].exp(), p[1].exp() + 0.5), Unit),
        ["kumaraswamy"] = (p => Kumaraswamy(p[0].exp(), p[1].exp()), Unit),
        ["independent"] = (p => Independent(Normal(p[0], p[1].exp()), 1), Same),
        ["transformed_affine_exp"] = (p => Transformed(p, new AffineTransform(0.5, -2.0), new ExpTransform()), Positive),
        ["transformed_tanh"] = (p => Transformed(p, new TanhTransform()), v => v.tanh() * 0.9),
        ["transformed_sigmoid"] = (p => Transformed(p, new SigmoidTransform()), Unit),
        ["transformed_softplus"] = (p => Transformed(p, new SoftplusTransform()), Positive),
        ["transformed_power"] = (p => new TorchSharp.Modules.TransformedDistribution(Exponential(p[0].exp()), new PowerTransform(p[1].exp())), Positive),
        ["transformed_reshape"] = (p => Transformed(p, new ReshapeTransform([4], [2, 2]), new ExpTransform()), v => v.exp().reshape(3, 2, 2)),
        ["transformed_vector"] = (p => Transformed(p, new ComposeTransform([new ExpTransform(), new AffineTransform(Shift(p[0]), tensor([1.0, 2.0, 0.5, -3.0], p[0].dtype), 1)]).inv.inv), v => ((v.exp() + 0.1) * tensor([1.0, 1.0, 1.0, -1.0], v.dtype)) + Shift(v)),
        ["transformed_independent"] = (p => Transformed(p, new IndepdenentTransform(new ExpTransform(), 1)), Positive),
    };

    /// <summary>Named by distribution and method, as in the reference.</summary>
    public static Dictionary<string, Func<Tensor[], Tensor>> All { get; } = ReferenceValues.Distributions.Cases.ToDictionary(name => name, CaseOf);

    private static Func<Tensor[], Tensor> CaseOf(string name)
    {
        var method = name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..];
        var (make, value) = Distributions[name[..name.IndexOf('.', StringComparison.Ordinal)]];
        return method switch
        {
            "log_prob" => x => make(x[1..]).log_prob(value(x[0])),
            "cdf" => x => make(x[1..]).cdf(value(x[0])),
            "icdf" => x => make(x[1..]).icdf(value(x[0])),
            "entropy" => x => make(x).entropy(),
            "mean" => x => make(x).mean + 0,
            "mode" => x => make(x).mode + 0,
            "variance" => x => make(x).variance + 0,
            _ => x => make(x).stddev + 0,
        };
    }

    private static TorchSharp.Modules.TransformedDistribution Transformed(Tensor[] p, params Transform[] transforms) => new(Normal(p[0], p[1].exp()), transforms);

    private static Tensor Same(Tensor v) => v;

    private static Tensor Positive(Tensor v) => v.exp();

    private static Tensor Unit(Tensor v) => v.sigmoid();

    private static Tensor Simplex(Tensor v) => v.softmax(-1);

    private static Tensor Count(Tensor v) => (v.abs() * 2).floor().detach();

    private static Tensor Binary(Tensor v) => (v > 0).to(v.dtype);

    private static Tensor Category(Tensor v) => (v.detach().abs() * 10).to(int64) % 4;

    private static Tensor TimesOf6(Tensor v) => tensor([1.0, 0.0, 2.0, 3.0], v.dtype).expand(3, 4);

    private static Tensor Shift(Tensor like) => tensor([0.5, -1.0, 0.0, 2.0], like.dtype);

    private static Tensor Matrix(Tensor a) => a.matmul(a.mT) + eye(a.shape[^1], dtype: a.dtype);
}
