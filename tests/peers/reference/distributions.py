#!/usr/bin/python3
"""Writes what PyTorch's distributions compute, and draw, for tests/Repro.Torch.Tests to compare.

    /usr/bin/python3 tests/peers/reference/distributions.py tests/Repro.Torch.Tests/Data/distributions.safetensors

The same names stand in DistributionCases.cs. The first input of a case is what the value is made of, the others what the parameters
are made of; methods without a value have only the latter.
"""
import torch
import torch.distributions as D
from torch.distributions import transforms as T

from reference_file import ReferenceFile, weights

file = ReferenceFile(seed=20190115)
D.Distribution.set_default_validate_args(False)
S = (3, 4)


def same(v): return v
def positive(v): return v.exp()
def unit(v): return v.sigmoid()
def simplex(v): return v.softmax(-1)
def count(v): return (v.abs() * 2).floor().detach()
def binary(v): return (v > 0).to(v.dtype)
def category(v): return (v.detach().abs() * 10).long() % 4
def corner(v): return torch.nn.functional.one_hot(v.detach().argmax(-1), 4).to(v.dtype)
def times_of_6(v): return torch.tensor([1, 0, 2, 3], dtype=v.dtype).expand(3, 4)


def matrix(a):
    return a @ a.mT + torch.eye(a.shape[-1], dtype=a.dtype)


class GammaWithCdf(D.Gamma):
    """As PyTorch 2 has it; 1.13 has none."""

    def cdf(self, value):
        return torch.special.gammainc(self.concentration, self.rate * value)


MOMENTS = "mean variance stddev"
COUNT = "log_prob mean variance"
# name: (parameters to distribution, their shapes, value, methods)
DISTRIBUTIONS = {
    "normal": (lambda a, b: D.Normal(a, b.exp()), [S, (4,)], same, f"log_prob cdf entropy mode {MOMENTS}"),
    "normal_icdf": (lambda a, b: D.Normal(a, b.exp()), [S, S], unit, "icdf"),
    "log_normal": (lambda a, b: D.LogNormal(a, b.sigmoid()), [S, S], positive, f"log_prob cdf entropy mode {MOMENTS}"),
    "half_normal": (lambda a: D.HalfNormal(a.exp()), [S], positive, f"log_prob cdf entropy {MOMENTS}"),
    "multivariate_normal": (lambda a, b: D.MultivariateNormal(a, matrix(b)), [S, (4, 4)], same, "log_prob entropy mean variance"),
    "multivariate_normal_precision": (lambda a, b: D.MultivariateNormal(a, precision_matrix=matrix(b)), [(4,), (4, 4)], same, "log_prob entropy variance"),
    "multivariate_normal_factor": (lambda a, b: D.MultivariateNormal(a, scale_tril=torch.linalg.cholesky(matrix(b))), [(4,), (3, 4, 4)], same, "log_prob entropy mean variance"),
    "uniform": (lambda a, b: D.Uniform(a, a + b.exp()), [S, S], lambda v: v / 2, f"log_prob cdf entropy {MOMENTS}"),
    "uniform_icdf": (lambda a, b: D.Uniform(a, a + b.exp()), [S, S], unit, "icdf"),
    "cauchy": (lambda a, b: D.Cauchy(a, b.exp()), [S, S], same, "log_prob cdf entropy mode"),
    "cauchy_icdf": (lambda a, b: D.Cauchy(a, b.exp()), [S, S], unit, "icdf"),
    "half_cauchy": (lambda a: D.HalfCauchy(a.exp()), [S], positive, "log_prob cdf entropy"),
    "half_cauchy_icdf": (lambda a: D.HalfCauchy(a.exp()), [S], unit, "icdf"),
    "laplace": (lambda a, b: D.Laplace(a, b.exp()), [S, S], same, f"log_prob cdf entropy mode {MOMENTS}"),
    "laplace_icdf": (lambda a, b: D.Laplace(a, b.exp()), [S, S], unit, "icdf"),
    "gumbel": (lambda a, b: D.Gumbel(a, b.exp()), [S, S], same, f"log_prob cdf entropy mode {MOMENTS}"),
    "gumbel_icdf": (lambda a, b: D.Gumbel(a, b.exp()), [S, S], unit, "icdf"),
    "gamma": (lambda a, b: D.Gamma(a.exp(), b.exp()), [S, S], positive, f"log_prob entropy mode {MOMENTS}"),
    "gamma_cdf": (lambda b: GammaWithCdf(torch.full(S, 1.7, dtype=b.dtype), b.exp()), [S], positive, "cdf"),
    "chi2": (lambda a: D.Chi2(a.exp()), [S], positive, "log_prob entropy mean variance"),
    "exponential": (lambda a: D.Exponential(a.exp()), [S], positive, f"log_prob cdf entropy {MOMENTS}"),
    "exponential_icdf": (lambda a: D.Exponential(a.exp()), [S], unit, "icdf"),
    "fisher_snedecor": (lambda a, b: D.FisherSnedecor(a.exp() + 3, b.exp() + 5), [S, S], positive, "log_prob mean variance mode"),
    "dirichlet": (lambda a: D.Dirichlet(a.exp()), [S], simplex, "log_prob entropy mean variance"),
    "dirichlet_peak": (lambda a: D.Dirichlet(a.exp() + 1), [S], simplex, "mode"),
    "beta": (lambda a, b: D.Beta(a.exp(), b.exp()), [S, S], unit, "log_prob entropy mean variance"),
    "bernoulli": (lambda a: D.Bernoulli(a.sigmoid()), [S], binary, "log_prob entropy mean variance"),
    "bernoulli_logits": (lambda a: D.Bernoulli(logits=a), [S], binary, "log_prob entropy mean variance"),
    "geometric": (lambda a: D.Geometric(a.sigmoid()), [S], count, f"entropy {COUNT}"),
    "geometric_logits": (lambda a: D.Geometric(logits=a), [S], count, f"entropy {COUNT}"),
    "logit_relaxed_bernoulli": (lambda t, a: D.relaxed_bernoulli.LogitRelaxedBernoulli(t.exp(), a.sigmoid()), [(1,), S], same, "log_prob"),
    "relaxed_bernoulli": (lambda t, a: D.RelaxedBernoulli(t.exp(), logits=a), [(1,), S], unit, "log_prob"),
    "categorical": (lambda a: D.Categorical(a.exp()), [S], lambda v: category(v)[:, 0], "log_prob entropy"),
    "categorical_logits": (lambda a: D.Categorical(logits=a), [S], category, "entropy"),
    "categorical_many": (lambda a: D.Categorical(logits=a), [S], lambda v: category(v).t(), "log_prob"),
    "one_hot_categorical": (lambda a: D.OneHotCategorical(a.exp()), [S], corner, "log_prob entropy mean variance"),
    "multinomial": (lambda a: D.Multinomial(6, a.exp()), [S], times_of_6, "log_prob entropy mean variance"),
    "multinomial_logits": (lambda a: D.Multinomial(6, logits=a), [S], times_of_6, "log_prob entropy"),
    "exp_relaxed_categorical": (lambda t, a: D.relaxed_categorical.ExpRelaxedCategorical(t.exp(), logits=a), [(1,), S], lambda v: v.log_softmax(-1), "log_prob"),
    "relaxed_one_hot_categorical": (lambda t, a: D.RelaxedOneHotCategorical(t.exp(), a.exp()), [(1,), S], simplex, "log_prob"),
    "binomial": (lambda a: D.Binomial(torch.tensor(7), a.sigmoid()), [S], count, f"entropy {COUNT}"),
    "binomial_logits": (lambda a: D.Binomial(torch.tensor([9, 5, 6, 7]), logits=a), [S], count, COUNT),
    "negative_binomial": (lambda a, b: D.NegativeBinomial(a.exp(), b.sigmoid()), [S, S], count, f"mode {COUNT}"),
    "negative_binomial_logits": (lambda a, b: D.NegativeBinomial(a.exp(), logits=b), [S, S], count, COUNT),
    "poisson": (lambda a: D.Poisson(a.exp()), [S], count, f"mode {COUNT}"),
    "pareto": (lambda a, b: D.Pareto(a.exp(), b.exp() + 2.5), [S, S], lambda v: v.exp() + 20, f"log_prob cdf entropy mode {MOMENTS}"),
    "weibull": (lambda a, b: D.Weibull(a.exp(), b.exp() + 0.5), [S, S], positive, f"log_prob cdf entropy {MOMENTS}"),
    "weibull_icdf": (lambda a, b: D.Weibull(a.exp(), b.exp() + 0.5), [S, S], unit, "icdf"),
    "kumaraswamy": (lambda a, b: D.Kumaraswamy(a.exp(), b.exp()), [S, S], unit, "log_prob cdf entropy mean variance"),
    "independent": (lambda a, b: D.Independent(D.Normal(a, b.exp()), 1), [S, S], same, "log_prob entropy mean variance"),
    "transformed_affine_exp": (lambda a, b: D.TransformedDistribution(D.Normal(a, b.exp()), [T.AffineTransform(0.5, -2.0), T.ExpTransform()]), [S, S], positive, "log_prob cdf"),
    "transformed_tanh": (lambda a, b: D.TransformedDistribution(D.Normal(a, b.exp()), T.TanhTransform()), [S, S], lambda v: v.tanh() * 0.9, "log_prob cdf"),
    "transformed_sigmoid": (lambda a, b: D.TransformedDistribution(D.Normal(a, b.exp()), [T.SigmoidTransform()]), [S, S], unit, "log_prob cdf"),
    "transformed_softplus": (lambda a, b: D.TransformedDistribution(D.Normal(a, b.exp()), [T.SoftplusTransform()]), [S, S], positive, "log_prob"),
    "transformed_power": (lambda a, p: D.TransformedDistribution(D.Exponential(a.exp()), [T.PowerTransform(p.exp())]), [S, (4,)], positive, "log_prob cdf"),
    "transformed_reshape": (lambda a, b: D.TransformedDistribution(D.Normal(a, b.exp()), [T.ReshapeTransform((4,), (2, 2)), T.ExpTransform()]), [S, S], lambda v: v.exp().reshape(3, 2, 2), "log_prob"),
    "transformed_vector": (lambda a, b: D.TransformedDistribution(D.Normal(a, b.exp()), T.ComposeTransform([T.ExpTransform(), T.AffineTransform(torch.tensor([0.5, -1.0, 0.0, 2.0]), torch.tensor([1.0, 2.0, 0.5, -3.0]), event_dim=1)]).inv.inv),
                           [S, S], lambda v: (v.exp() + 0.1) * torch.tensor([1.0, 1.0, 1.0, -1.0]) + torch.tensor([0.5, -1.0, 0.0, 2.0]), "log_prob"),
    "transformed_independent": (lambda a, b: D.TransformedDistribution(D.Normal(a, b.exp()), T.IndependentTransform(T.ExpTransform(), 1)), [S, S], positive, "log_prob"),
}


def case(make, value, method):
    if method in ("log_prob", "cdf", "icdf"):
        return lambda v, *p: getattr(make(*p), method)(value(v))
    return lambda *p: getattr(make(*p), method)() if method == "entropy" else getattr(make(*p), method) + 0


cases = {}
for name, (make, shapes, value, methods) in DISTRIBUTIONS.items():
    for method in methods.split():
        with_value = method in ("log_prob", "cdf", "icdf")
        cases[f"{name}.{method}"] = (case(make, value, method), ([S] if with_value else []) + shapes)
file.cases(cases)

# Draws after a seed: two of each, and their gradients where there are any.
for name, (make, shapes, value, methods) in DISTRIBUTIONS.items():
    if name.endswith(("_icdf", "_peak", "_cdf", "_many")):
        continue
    parameters = [torch.randn(shape).requires_grad_() for shape in shapes]
    for i, parameter in enumerate(parameters):
        file.save(f"draw.{name}.parameter.{i}", parameter)
    distribution = make(*parameters)
    torch.manual_seed(29)
    draws = distribution.rsample((2,)) if distribution.has_rsample or "relaxed" in name else distribution.sample((2,))
    file.save(f"draw.{name}.values", draws.double())
    if draws.requires_grad:
        for i, gradient in enumerate(torch.autograd.grad((draws * weights(draws)).sum(), parameters, allow_unused=True)):
            if gradient is not None:
                file.save(f"draw.{name}.gradient.{i}", gradient)
    file.count += 1

file.write()
