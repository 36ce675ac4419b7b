namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Schedules of the learning rate; step() after each epoch.</summary>
        public static partial class lr_scheduler
        {
            public abstract class LRScheduler
            {
#pragma warning disable CA1051 // TorchSharp has protected fields here.
                protected Optimizer _optimizer;
                protected int _last_epoch;
                protected bool _verbose;
                protected IList<double> _base_lrs;
                protected IList<double> _last_lrs;
                protected int _step_count;
#pragma warning restore CA1051

                protected LRScheduler(Optimizer optimizer, int last_epoch = -1, bool verbose = false)
                {
                    _optimizer = optimizer;
                    _last_epoch = last_epoch;
                    _verbose = verbose;
                    _base_lrs = optimizer.ParamGroups.Select(group => group.InitialLearningRate).ToList();
                    _last_lrs = optimizer.ParamGroups.Select(group => group.LearningRate).ToList();
                }

                public virtual void step() => step(null);

                /// <param name="epoch">Jumps there; null goes one on.</param>
                public virtual void step(int? epoch)
                {
                    _step_count++;
                    _last_epoch = epoch ?? _last_epoch + 1;
                    var rates = get_lr().ToList();
                    foreach (var (i, group) in _optimizer.ParamGroups.Index())
                    {
                        if (_verbose && _last_lrs[i] != rates[i])
                            Console.WriteLine($"Adjusting learning rate to {rates[i]}");
                        group.LearningRate = _last_lrs[i] = rates[i];
                    }
                }

                public virtual void step(double current, int? epoch = null) => step(epoch);

                public IEnumerable<double> get_last_lr() => _last_lrs;

                /// <summary>The rate of each group at the present epoch.</summary>
                protected abstract IEnumerable<double> get_lr();
            }

            /// <summary>The first rate times <paramref name="gamma"/> to the number of whole periods passed.</summary>
            public static LRScheduler StepLR(Optimizer optimizer, int step_size, double gamma = 0.1, int last_epoch = -1, bool verbose = false) =>
                new Scaled(optimizer, epoch => Math.Pow(gamma, epoch / step_size), last_epoch, verbose);

            /// <summary>The first rate times a function of the epoch.</summary>
            public static LRScheduler LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false) =>
                new Scaled(optimizer, lr_lambda, last_epoch, verbose);

            public static LRScheduler MultiStepLR(Optimizer optimizer, IList<int> milestones, double gamma = 0.1, int last_epoch = -1, bool verbose = false) =>
                new Scaled(optimizer, epoch => Math.Pow(gamma, milestones.Count(milestone => milestone <= epoch)), last_epoch, verbose);

            public static LRScheduler ExponentialLR(Optimizer optimizer, double gamma = 0.1, int last_epoch = -1, bool verbose = false) =>
                new Scaled(optimizer, epoch => Math.Pow(gamma, epoch), last_epoch, verbose);

            public static LRScheduler CosineAnnealingLR(Optimizer optimizer, double T_max, double eta_min = 0, int last_epoch = -1, bool verbose = false) =>
                new Cosine(optimizer, T_max, eta_min, last_epoch, verbose);

            private sealed class Scaled : LRScheduler
            {
                private readonly Func<int, double> factor;

                public Scaled(Optimizer optimizer, Func<int, double> factor, int lastEpoch, bool verbose) : base(optimizer, lastEpoch, verbose)
                {
                    this.factor = factor;
                    step();
                }

                protected override IEnumerable<double> get_lr() => _base_lrs.Select(rate => rate * factor(_last_epoch));
            }

            private sealed class Cosine : LRScheduler
            {
                private readonly double period;
                private readonly double least;

                public Cosine(Optimizer optimizer, double period, double least, int lastEpoch, bool verbose) : base(optimizer, lastEpoch, verbose)
                {
                    this.period = period;
                    this.least = least;
                    step();
                }

                protected override IEnumerable<double> get_lr() =>
                    _base_lrs.Select(rate => least + ((rate - least) * (1 + Math.Cos(Math.PI * _last_epoch / period)) / 2));
            }
        }
    }
}
