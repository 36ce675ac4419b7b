namespace TorchSharp;

// Schedules that multiply the rate by something. Their get_lr goes on from the rate that a group has, as PyTorch's does, so that
// several schedules can work on one optimizer.
public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                public class LambdaLR : LRScheduler
                {
                    private readonly List<Func<int, double>> factors;

                    public LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false)
                        : this(optimizer, optimizer.ParamGroups.Select(_ => lr_lambda), last_epoch, verbose)
                    {
                    }

                    public LambdaLR(Optimizer optimizer, IEnumerable<Func<int, double>> lr_lambdas, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        factors = OneEach(lr_lambdas, _base_lrs.Count, nameof(lr_lambdas));
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => _base_lrs.Zip(factors, (rate, factor) => rate * factor(_last_epoch));
                }

                public class MultiplicativeLR : LRScheduler
                {
                    private readonly List<Func<int, double>> factors;

                    public MultiplicativeLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false)
                        : this(optimizer, optimizer.ParamGroups.Select(_ => lr_lambda), last_epoch, verbose)
                    {
                    }

                    public MultiplicativeLR(Optimizer optimizer, IEnumerable<Func<int, double>> lr_lambdas, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        factors = OneEach(lr_lambdas, _base_lrs.Count, nameof(lr_lambdas));
                        step();
                    }

                    protected override IEnumerable<double> get_lr() =>
                        _last_epoch > 0 ? Groups.Zip(factors, (group, factor) => group.LearningRate * factor(_last_epoch)) : Times(1);
                }

                public class StepLR : LRScheduler
                {
                    private readonly int period;
                    private readonly double gamma;

                    public StepLR(Optimizer optimizer, int step_size, double gamma = 0.1, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        (period, this.gamma) = (step_size, gamma);
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => Times(_last_epoch == 0 || _last_epoch % period != 0 ? 1 : gamma);

                    protected override IEnumerable<double> get_closed_form_lr() => _base_lrs.Select(rate => rate * Math.Pow(gamma, _last_epoch / period));
                }

                public class MultiStepLR : LRScheduler
                {
                    private readonly IList<int> milestones;
                    private readonly double gamma;

                    /// <param name="milestones">An epoch that stands there twice counts twice.</param>
                    public MultiStepLR(Optimizer optimizer, IList<int> milestones, double gamma = 0.1, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        (this.milestones, this.gamma) = (milestones, gamma);
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => Times(Math.Pow(gamma, milestones.Count(milestone => milestone == _last_epoch)));

                    protected override IEnumerable<double> get_closed_form_lr() =>
                        _base_lrs.Select(rate => rate * Math.Pow(gamma, milestones.Count(milestone => milestone <= _last_epoch)));
                }

                public class ExponentialLR : LRScheduler
                {
                    private readonly double gamma;

                    public ExponentialLR(Optimizer optimizer, double gamma = 0.1, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        this.gamma = gamma;
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => Times(_last_epoch == 0 ? 1 : gamma);

                    protected override IEnumerable<double> get_closed_form_lr() => _base_lrs.Select(rate => rate * Math.Pow(gamma, _last_epoch));
                }

                public class ConstantLR : LRScheduler
                {
                    private readonly double factor;
                    private readonly int end;

                    public ConstantLR(Optimizer optimizer, double factor = 1.0 / 3, int total_iters = 5, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        CheckFactor(factor, nameof(factor));
                        (this.factor, end) = (factor, total_iters);
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => Times(_last_epoch == 0 ? factor : _last_epoch == end ? 1 / factor : 1);

                    protected override IEnumerable<double> get_closed_form_lr() => _base_lrs.Select(rate => rate * (_last_epoch >= end ? 1 : factor));
                }

                public class LinearLR : LRScheduler
                {
                    private readonly double start;
                    private readonly double rise;
                    private readonly int end;

                    public LinearLR(Optimizer optimizer, double start_factor = 1.0 / 3, double end_factor = 1.0, int total_iters = 5, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        CheckFactor(start_factor, nameof(start_factor));
                        CheckFactor(end_factor, nameof(end_factor));
                        (start, rise, end) = (start_factor, end_factor - start_factor, total_iters);
                        step();
                    }

                    protected override IEnumerable<double> get_lr() =>
                        Times(_last_epoch == 0 ? start : _last_epoch > end ? 1 : 1 + (rise / ((end * start) + ((_last_epoch - 1) * rise))));

                    protected override IEnumerable<double> get_closed_form_lr() => _base_lrs.Select(rate => rate * (start + (rise * Math.Min(end, _last_epoch) / end)));
                }

                public class PolynomialLR : LRScheduler
                {
                    private readonly double end;
                    private readonly double power;

                    public PolynomialLR(Optimizer optimizer, int total_iters = 5, double power = 1.0, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        (end, this.power) = (total_iters, power);
                        step();
                    }

                    protected override IEnumerable<double> get_lr() =>
                        Times(_last_epoch == 0 || _last_epoch > end ? 1 : Math.Pow((1 - (_last_epoch / end)) / (1 - ((_last_epoch - 1) / end)), power));

                    protected override IEnumerable<double> get_closed_form_lr() => _base_lrs.Select(rate => rate * Math.Pow(1 - (Math.Min(end, _last_epoch) / end), power));
                }

                private static List<T> OneEach<T>(IEnumerable<T> values, int groups, string name)
                {
                    var list = values.ToList();
                    return list.Count == groups ? list : throw new ArgumentException($"{groups} values are needed, one a parameter group; {list.Count} were given.", name);
                }

                private static void CheckFactor(double factor, string name)
                {
                    if (factor is not (>= 0 and <= 1))
                        throw new ArgumentException($"A factor of the learning rate must be between 0 and 1, not {factor}.", name);
                }
            }
        }
    }
}
