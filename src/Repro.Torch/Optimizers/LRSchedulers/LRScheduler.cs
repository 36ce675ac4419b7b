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
                protected internal Optimizer _optimizer = null!;
                protected internal int _last_epoch = -1;
                protected internal bool _verbose;
                protected internal IList<double> _base_lrs = [];
                protected internal IList<double> _last_lrs = [];
                protected int _step_count;
#pragma warning restore CA1051

                protected LRScheduler()
                {
                }

                protected LRScheduler(Optimizer optimizer, int last_epoch = -1, bool verbose = false)
                {
                    ArgumentNullException.ThrowIfNull(optimizer);
                    _optimizer = optimizer;
                    _last_epoch = last_epoch;
                    _verbose = verbose;
                    _base_lrs = optimizer.ParamGroups.Select(group => group.InitialLearningRate).ToList();
                    _last_lrs = optimizer.ParamGroups.Select(group => group.LearningRate).ToList();
                }

                /// <summary>The groups that the schedule steers.</summary>
                private protected List<ILearningRateController> Groups => [.. _optimizer.ParamGroups];

                public virtual void step() => step(null);

                /// <param name="epoch">Jumps there; null goes one on.</param>
                public virtual void step(int? epoch)
                {
                    _step_count++;
                    _last_epoch = epoch ?? (_last_epoch + 1);
                    var rates = (epoch is null ? get_lr() : get_closed_form_lr()).ToList();
                    var groups = Groups;
                    for (var i = 0; i < groups.Count; i++)
                    {
                        if (_verbose && _last_lrs[i] != rates[i])
                            Console.WriteLine($"Adjusting learning rate to {rates[i]}");
                        groups[i].LearningRate = _last_lrs[i] = rates[i];
                    }
                }

                /// <param name="current">What a schedule that looks at results goes by; others ignore it.</param>
                public virtual void step(double current, int? epoch = null) => step(epoch);

                public IEnumerable<double> get_last_lr() => _last_lrs;

                /// <summary>The rate of each group at the present epoch, from the rate that it has.</summary>
                protected virtual IEnumerable<double> get_lr() => Groups.Select(group => group.LearningRate);

                /// <summary>The rate of each group at the present epoch, from the first rates alone; for jumps.</summary>
                protected virtual IEnumerable<double> get_closed_form_lr() => get_lr();

                private protected IEnumerable<double> Times(double factor) => Groups.Select(group => group.LearningRate * factor);
            }
        }
    }
}
