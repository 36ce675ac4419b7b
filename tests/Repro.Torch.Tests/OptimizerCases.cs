using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

/// <summary>The optimizers of tests/peers/reference/optimizers.py, written in C#.</summary>
internal static class OptimizerCases
{
    public static readonly Dictionary<string, Func<Parameter[], optim.Optimizer>> All = new()
    {
        ["sgd"] = p => optim.SGD(p, 0.05),
        ["sgd_momentum"] = p => optim.SGD(p, 0.02, momentum: 0.9),
        ["sgd_decay_nesterov"] = p => optim.SGD(p, 0.02, momentum: 0.9, weight_decay: 0.01, nesterov: true),
        ["sgd_dampening"] = p => optim.SGD(p, 0.05, momentum: 0.8, dampening: 0.3, weight_decay: 0.1),
        ["sgd_maximize"] = p => optim.SGD(p, 0.001, momentum: 0.5, weight_decay: 0.01, maximize: true),
        ["sgd_groups"] = p => optim.SGD(
            [new SGD.ParamGroup([p[0]], new SGD.Options { LearningRate = 0.03, momentum = 0.5 }), new SGD.ParamGroup([p[1]], new SGD.Options { weight_decay = 0.2 })], 0.02, momentum: 0.9),
        ["adam"] = p => optim.Adam(p, 0.01),
        ["adam_amsgrad_decay"] = p => optim.Adam(p, 0.02, 0.8, 0.99, 1e-6, 0.05, amsgrad: true),
        ["adam_maximize"] = p => optim.Adam(p, 0.001, maximize: true),
        ["adamw"] = p => optim.AdamW(p, 0.01, weight_decay: 0.1),
        ["adamw_amsgrad_maximize"] = p => optim.AdamW(p, 0.002, 0.85, 0.98, weight_decay: 0.05, amsgrad: true, maximize: true),
        ["rmsprop"] = p => optim.RMSProp(p, 0.01),
        ["rmsprop_momentum_decay"] = p => optim.RMSProp(p, 0.005, 0.9, 1e-6, weight_decay: 0.05, momentum: 0.8),
        ["rmsprop_centered"] = p => optim.RMSProp(p, 0.005, centered: true),
        ["rmsprop_centered_momentum_maximize"] = p => optim.RMSProp(p, 0.0005, 0.95, momentum: 0.6, centered: true, maximize: true),
        ["rmsprop_groups"] = p => optim.RMSProp(
            [new RMSProp.ParamGroup([p[0]], new RMSProp.Options { LearningRate = 0.003, momentum = 0.5 }), new RMSProp.ParamGroup([p[1]], new RMSProp.Options { centered = true })], 0.01),
        ["adagrad"] = p => optim.Adagrad(p, 0.1),
        ["adagrad_decays"] = p => optim.Adagrad(p, 0.2, lr_decay: 0.05, weight_decay: 0.1, initial_accumulator_value: 0.3, eps: 1e-8),
        ["adadelta"] = p => optim.Adadelta(p, 1.0),
        ["adadelta_decay"] = p => optim.Adadelta(p, 2.0, rho: 0.8, eps: 1e-4, weight_decay: 0.1),
        ["adadelta_maximize"] = p => optim.Adadelta(p, 0.5, maximize: true),
        ["adamax"] = p => optim.Adamax(p, 0.02),
        ["adamax_decay"] = p => optim.Adamax(p, 0.03, 0.8, 0.95, 1e-6, 0.1),
        ["asgd"] = p => optim.ASGD(p, 0.05),
        ["asgd_averaging"] = p => optim.ASGD(p, 0.05, lambd: 1e-2, alpha: 0.6, t0: 5, weight_decay: 0.05),
        ["asgd_maximize"] = p => optim.ASGD(p, 0.001, t0: 10, maximize: true),
        ["rprop"] = p => optim.Rprop(p, 0.01),
        ["rprop_steps"] = p => optim.Rprop(p, 0.05, 0.4, 1.3, 1e-3, 0.2),
        ["rprop_maximize"] = p => optim.Rprop(p, 0.0001, etaplus: 1.05, maximize: true),
        ["nadam"] = p => optim.NAdam(p, 0.01),
        ["nadam_decay"] = p => optim.NAdam(p, 0.02, 0.8, 0.99, 1e-6, weight_decay: 0.1, momentum_decay: 0.02),
        ["radam"] = p => optim.RAdam(p, 0.02),
        ["radam_decay"] = p => optim.RAdam(p, 0.03, 0.8, 0.9, 1e-6, weight_decay: 0.1),
        ["lbfgs"] = p => optim.LBFGS(p, 0.05, max_iter: 2),
        ["lbfgs_short_history"] = p => optim.LBFGS(p, 0.03, max_iter: 3, max_eval: 3, history_size: 2),
    };

    public static Parameter[] Starts(ScalarType type) =>
        [.. new[] { 0, 1 }.Select(i => new Parameter(ReferenceValues.Optimizers.Get($"start.{i}").to(type, copy: true)))];

    public static void Step(optim.Optimizer optimizer, Parameter[] parameters)
    {
        using var scope = NewDisposeScope();
        optimizer.step(() =>
        {
            optimizer.zero_grad();
            var loss = parameters.Select(p => ((p.sin() * OperatorCases.Weights(p)) + (p.pow(2) / 2) + (p.pow(4) / 8)).sum()).Aggregate((a, b) => a + b);
            loss.backward();
            return loss;
        });
    }
}
