namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>One schedule after the other, each from its own epoch 0.</summary>
                public class SequentialLR : LRScheduler
                {
                    private readonly LRScheduler[] schedulers;
                    private readonly int[] milestones;

                    /// <param name="milestones">The epoch at which each schedule but the first takes over.</param>
                    public SequentialLR(Optimizer optimizer, IEnumerable<LRScheduler> schedulers, IEnumerable<int> milestones, int last_epoch = -1) : base(optimizer, last_epoch + 1)
                    {
                        this.schedulers = [.. schedulers];
                        this.milestones = [.. milestones];
                        if (this.schedulers.Any(scheduler => scheduler._optimizer != optimizer))
                            throw new ArgumentException("All schedules must belong to the optimizer that is given.", nameof(schedulers));
                        if (this.milestones.Length != this.schedulers.Length - 1)
                            throw new ArgumentException($"{this.schedulers.Length} schedules need {this.schedulers.Length - 1} milestones; {this.milestones.Length} were given.", nameof(milestones));
                        foreach (var group in Groups)
                            group.LearningRate = group.InitialLearningRate;
                        // Each took its first step when it was made.
                        foreach (var scheduler in this.schedulers)
                            scheduler._last_epoch--;
                        this.schedulers[0].step();
                        _last_lrs = [.. this.schedulers[0]._last_lrs];
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        var which = milestones.Count(milestone => milestone <= _last_epoch);
                        if (which > 0 && milestones[which - 1] == _last_epoch)
                            schedulers[which].step(0);
                        else
                            schedulers[which].step();
                        return Times(1);
                    }
                }

                /// <summary>Several schedules at once, each going on from the rate that the one before it set.</summary>
                public class ChainedLR : LRScheduler
                {
                    private readonly LRScheduler[] schedulers;

                    public ChainedLR(IEnumerable<LRScheduler> schedulers)
                    {
                        this.schedulers = [.. schedulers];
                        if (this.schedulers.Length == 0 || this.schedulers.Any(scheduler => scheduler._optimizer != this.schedulers[0]._optimizer))
                            throw new ArgumentException("Chained schedules must be at least one, all of the same optimizer.", nameof(schedulers));
                        _optimizer = this.schedulers[0]._optimizer;
                        _last_lrs = Times(1).ToList();
                    }

                    public override void step(int? epoch)
                    {
                        foreach (var scheduler in schedulers)
                            scheduler.step(epoch);
                        _last_lrs = Times(1).ToList();
                    }
                }

                /// <summary>Lower by a factor once a result has not got better for some epochs. Stepped by the result: <c>step(loss)</c>.</summary>
                public class ReduceLROnPlateau : LRScheduler
                {
                    private readonly bool smaller;
                    private readonly bool relative;
                    private readonly double factor;
                    private readonly int patience;
                    private readonly double threshold;
                    private readonly int cooldown;
                    private readonly List<double> least;
                    private readonly double eps;
                    private double best;
                    private int bad;
                    private int cooling;

                    /// <param name="mode"><c>min</c> where a smaller result is better, or <c>max</c>.</param>
                    /// <param name="factor">Below 1.</param>
                    /// <param name="patience">Epochs without improvement that are borne.</param>
                    /// <param name="threshold">An improvement is larger than that.</param>
                    /// <param name="threshold_mode"><c>rel</c> to the best result, or <c>abs</c>.</param>
                    /// <param name="cooldown">Epochs after a change in which nothing is counted.</param>
                    /// <param name="min_lr">One for all groups, or one each; null for zero.</param>
                    /// <param name="eps">A change of the rate that is no larger is not made.</param>
                    public ReduceLROnPlateau(
                        Optimizer optimizer, string mode = "min", double factor = 0.1, int patience = 10, double threshold = 1e-4, string threshold_mode = "rel", int cooldown = 0,
                        IList<double>? min_lr = null, double eps = 1e-8, bool verbose = false) : base(optimizer, -1, verbose)
                    {
                        if (factor >= 1)
                            throw new ArgumentException($"The factor must be below 1, not {factor}.", nameof(factor));
                        smaller = mode switch { "min" => true, "max" => false, _ => throw new ArgumentException($"The mode is min or max, not {mode}.", nameof(mode)) };
                        relative = threshold_mode switch { "rel" => true, "abs" => false, _ => throw new ArgumentException($"The mode of the threshold is rel or abs, not {threshold_mode}.", nameof(threshold_mode)) };
                        (this.factor, this.patience, this.threshold, this.cooldown, this.eps) = (factor, patience, threshold, cooldown, eps);
                        least = min_lr is null or [] ? [.. Each(optimizer, 0)] : min_lr is [var one] ? [.. Each(optimizer, one)] : OneEach(min_lr, _base_lrs.Count, nameof(min_lr));
                        best = smaller ? double.PositiveInfinity : double.NegativeInfinity;
                    }

                    public override void step(double current, int? epoch = null)
                    {
                        _last_epoch = epoch ?? (_last_epoch + 1);
                        if (IsBetter(current))
                            (best, bad) = (current, 0);
                        else
                            bad++;
                        if (cooling > 0)
                        {
                            cooling--;
                            bad = 0;
                        }
                        if (bad > patience)
                        {
                            Reduce();
                            (cooling, bad) = (cooldown, 0);
                        }
                        _last_lrs = Times(1).ToList();
                    }

                    public override void step() => throw new InvalidOperationException("ReduceLROnPlateau goes by a result: call step(double).");

                    public override void step(int? epoch) => step();

                    private bool IsBetter(double result) => smaller
                        ? result < (relative ? best * (1 - threshold) : best - threshold)
                        : result > (relative ? best * (1 + threshold) : best + threshold);

                    private void Reduce()
                    {
                        foreach (var (i, group) in Groups.Index())
                        {
                            var rate = Math.Max(group.LearningRate * factor, least[i]);
                            if (group.LearningRate - rate <= eps)
                                continue;
                            group.LearningRate = rate;
                            if (_verbose)
                                Console.WriteLine($"Epoch {_last_epoch}: reducing learning rate of group {i} to {rate:g4}.");
                        }
                    }
                }
            }
        }
    }
}
