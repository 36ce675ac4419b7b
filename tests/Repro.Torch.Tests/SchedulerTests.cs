using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim.lr_scheduler;

namespace Repro.Torch.Tests;

public class SchedulerTests
{
    // The schedules of tests/peers/reference/optimizers.py.
    private static readonly Dictionary<string, Func<optim.Optimizer, LRScheduler>> Schedules = new()
    {
        ["lambda"] = o => LambdaLR(o, epoch => Math.Pow(0.95, epoch) + (0.01 * epoch)),
        ["lambda_each"] = o => new impl.LambdaLR(o, [epoch => Math.Pow(0.9, epoch), epoch => 1.0 / (epoch + 1)]),
        ["multiplicative"] = o => MultiplicativeLR(o, epoch => 0.9 + (0.001 * epoch)),
        ["step"] = o => StepLR(o, 7, 0.3),
        ["multi_step"] = o => MultiStepLR(o, [3, 8, 8, 30], 0.2),
        ["constant"] = o => ConstantLR(o, 0.3, 6),
        ["linear"] = o => LinearLR(o, 0.2, 0.9, 11),
        ["exponential"] = o => ExponentialLR(o, 0.93),
        ["polynomial"] = o => PolynomialLR(o, 30, 1.7),
        ["polynomial_linear"] = o => PolynomialLR(o, 9),
        ["cosine"] = o => CosineAnnealingLR(o, 17, 0.001),
        ["cosine_once"] = o => CosineAnnealingLR(o, 50),
        ["cyclic"] = o => CyclicLR(o, 0.01, 0.2, 4, 7),
        ["cyclic_halving"] = o => CyclicLR(o, [0.01, 0.02], [0.2, 0.3], 5, mode: impl.CyclicLR.Mode.Triangular2, base_momentum: [0.7, 0.7], max_momentum: [0.95, 0.95]),
        ["cyclic_shrinking"] = o => CyclicLR(o, 0.01, 0.2, 6, mode: impl.CyclicLR.Mode.ExpRange, gamma: 0.97, cycle_momentum: false),
        ["cyclic_own_scale"] = o => CyclicLR(o, 0.01, 0.2, 6, scale_fn: x => 1 / (1 + x), scale_mode: impl.CyclicLR.ScaleMode.Iterations),
        ["one_cycle"] = o => OneCycleLR(o, 0.3, total_steps: 60),
        ["one_cycle_linear"] = o => OneCycleLR(o, [0.3, 0.1], epochs: 5, steps_per_epoch: 11, pct_start: 0.25, anneal_strategy: impl.OneCycleLR.AnnealStrategy.Linear, div_factor: 10, final_div_factor: 100),
        ["one_cycle_three_phases"] = o => OneCycleLR(o, 0.2, total_steps: 50, three_phase: true, base_momentum: 0.8, max_momentum: 0.9),
        ["sequential"] = o => SequentialLR(o, [ConstantLR(o, 0.1, 3), ExponentialLR(o, 0.9), StepLR(o, 4, 0.5)], [5, 20]),
        ["chained"] = o => ChainedLR([LinearLR(o, 0.1, 1.0, 8), ExponentialLR(o, 0.95)]),
        ["plateau"] = o => ReduceLROnPlateau(o, factor: 0.5, patience: 2, cooldown: 1),
        ["plateau_maximize"] = o => ReduceLROnPlateau(o, mode: "max", factor: 0.3, patience: 1, threshold: 0.05, threshold_mode: "abs", min_lr: [0.001, 0.0002]),
    };

    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var name in ReferenceValues.Optimizers.Names.Where(name => name.StartsWith("schedule.", StringComparison.Ordinal) && !name.EndsWith(".momentum", StringComparison.Ordinal)))
                data.Add(name.Split('.')[1], name.Split('.')[2]);
            return data;
        }
    }

    public static TheoryData<string> Jumps =>
        [.. ReferenceValues.Optimizers.Names.Where(name => name.StartsWith("jump.", StringComparison.Ordinal)).Select(name => name[5..])];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fifty_epochs_have_the_rates_and_momenta_of_PyTorch(string name, string kind)
    {
        using var scope = NewDisposeScope();
        using var optimizer = Made(kind);
        var schedule = Schedules[name](optimizer);
        var epochs = ReferenceValues.Optimizers.Get($"schedule.{name}.{kind}").shape[0];
        List<double> rates = [], momenta = [];
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            foreach (var group in optimizer.ParamGroups)
            {
                rates.Add(group.LearningRate);
                momenta.Add(group is optim.IBetas betas ? betas.Betas.Item1 : ((optim.IMomentum)group).Momentum);
            }
            Assert.Equal(optimizer.ParamGroups.Select(group => group.LearningRate), schedule.get_last_lr());
            if (epoch == epochs - 1)
                break;
            if (name.StartsWith("plateau", StringComparison.Ordinal))
                schedule.step((1.0 / (1 + epoch)) + (0.3 * (epoch * 7 % 5)));
            else
                schedule.step();
        }
        ReferenceValues.Optimizers.AssertEqual($"schedule.{name}.{kind}", tensor(rates).reshape(-1, 2), 1e-12, 1e-15);
        ReferenceValues.Optimizers.AssertEqual($"schedule.{name}.{kind}.momentum", tensor(momenta).reshape(-1, 2), 1e-12, 1e-15);
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public void A_jump_to_an_epoch_has_the_rate_of_PyTorch(string name)
    {
        using var scope = NewDisposeScope();
        using var optimizer = optim.SGD([new Parameter(zeros(1))], 0.1);
        var schedule = Schedules[name](optimizer);
        var rates = new[] { 4, 25, 8 }.Select(epoch =>
        {
            schedule.step(epoch);
            return schedule.get_last_lr().Single();
        }).ToArray();
        ReferenceValues.Optimizers.AssertEqual($"jump.{name}", tensor(rates), 1e-12, 1e-15);
    }

    [Fact]
    public void Every_schedule_has_a_reference() =>
        Assert.Equal(ReferenceValues.Optimizers.Names.Where(name => name.StartsWith("schedule.", StringComparison.Ordinal)).Select(name => name.Split('.')[1]).Distinct().Order(), Schedules.Keys.Order());

    [Fact]
    public void Settings_that_make_no_sense_are_refused()
    {
        using var scope = NewDisposeScope();
        using var plain = optim.Adagrad([new Parameter(zeros(1))]);
        using var other = Made("sgd");
        Assert.Contains("cycle_momentum", Assert.Throws<ArgumentException>(() => CyclicLR(plain, 0.1, 0.2)).Message, StringComparison.Ordinal);
        Assert.Contains("cycle_momentum", Assert.Throws<ArgumentException>(() => OneCycleLR(plain, 0.1, total_steps: 5)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => OneCycleLR(other, 0.1));
        Assert.Throws<ArgumentException>(() => OneCycleLR(other, [0.1], total_steps: 5));
        Assert.Throws<ArgumentException>(() => SequentialLR(other, [StepLR(other, 1), StepLR(plain, 1)], [3]));
        Assert.Throws<ArgumentException>(() => SequentialLR(other, [StepLR(other, 1)], [3]));
        Assert.Throws<ArgumentException>(() => ReduceLROnPlateau(other, mode: "least"));
        Assert.Throws<InvalidOperationException>(() => ReduceLROnPlateau(other).step());
        var over = OneCycleLR(other, 0.1, total_steps: 2);
        over.step();
        over.step();
        Assert.Contains("2 steps", Assert.Throws<InvalidOperationException>(() => over.step()).Message, StringComparison.Ordinal);
    }

    private static optim.Optimizer Made(string kind)
    {
        Parameter[] first = [new(zeros(1))], second = [new(zeros(1))];
        return kind == "sgd"
            ? optim.SGD([new SGD.ParamGroup { Parameters = first }, new SGD.ParamGroup(second, new SGD.Options { LearningRate = 0.03 })], 0.1, momentum: 0.6)
            : optim.Adam([new Adam.ParamGroup { Parameters = first }, new Adam.ParamGroup(second, new Adam.Options { LearningRate = 0.03 })], 0.1);
    }
}
