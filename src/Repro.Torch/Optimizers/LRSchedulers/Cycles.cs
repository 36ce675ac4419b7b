namespace TorchSharp;

// Schedules that move the momentum against the learning rate.
public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>Up and down between two rates (Smith 2017).</summary>
                public class CyclicLR : LRScheduler
                {
                    private readonly List<double> lows;
                    private readonly List<double> highs;
                    private readonly List<(double Low, double High)>? momenta;
                    private readonly double length;
                    private readonly double rising;
                    private readonly Func<double, double> scale;
                    private readonly bool scaleByCycle;

#pragma warning disable CA1034 // TorchSharp's nested types.
                    public enum Mode
                    {
                        Triangular,
                        Triangular2,
                        ExpRange,
                    }

                    public enum ScaleMode
                    {
                        Cycle,
                        Iterations,
                    }
#pragma warning restore CA1034

                    public CyclicLR(
                        Optimizer optimizer, double base_lr, double max_lr, int step_size_up = 2000, int step_size_down = -1, Mode mode = Mode.Triangular, double gamma = 1.0,
                        Func<double, double>? scale_fn = null, ScaleMode scale_mode = ScaleMode.Cycle, bool cycle_momentum = true, double base_momentum = 0.8, double max_momentum = 0.9,
                        int last_epoch = -1, bool verbose = false)
                        : this(
                            optimizer, Each(optimizer, base_lr), Each(optimizer, max_lr), step_size_up, step_size_down, mode, gamma, scale_fn, scale_mode, cycle_momentum,
                            Each(optimizer, base_momentum), Each(optimizer, max_momentum), last_epoch, verbose)
                    {
                    }

                    /// <param name="base_lr">One a parameter group, as the other lists.</param>
                    /// <param name="step_size_up">Steps from low to high.</param>
                    /// <param name="step_size_down">Steps from high to low; -1 for as many as up.</param>
                    /// <param name="gamma">Of <see cref="Mode.ExpRange"/>: the height shrinks by it each step.</param>
                    /// <param name="scale_fn">The height's factor, of the cycle (from 1) or the step (from 0); takes the mode's place.</param>
                    /// <param name="base_momentum">The least momentum, at the highest rate; 0.8 where null.</param>
                    /// <param name="max_momentum">0.9 where null.</param>
                    public CyclicLR(
                        Optimizer optimizer, IEnumerable<double> base_lr, IEnumerable<double> max_lr, int step_size_up = 2000, int step_size_down = -1, Mode mode = Mode.Triangular, double gamma = 1.0,
                        Func<double, double>? scale_fn = null, ScaleMode scale_mode = ScaleMode.Cycle, bool cycle_momentum = true, IEnumerable<double>? base_momentum = null, IEnumerable<double>? max_momentum = null,
                        int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        var groups = Groups;
                        lows = OneEach(base_lr, groups.Count, nameof(base_lr));
                        highs = OneEach(max_lr, groups.Count, nameof(max_lr));
                        length = step_size_up + (step_size_down == -1 ? step_size_up : step_size_down);
                        rising = step_size_up / length;
                        (scale, scaleByCycle) = scale_fn is not null
                            ? (scale_fn, scale_mode == ScaleMode.Cycle)
                            : mode switch
                            {
                                Mode.Triangular => (_ => 1.0, true),
                                Mode.Triangular2 => (cycle => 1 / Math.Pow(2, cycle - 1), true),
                                _ => ((Func<double, double>)(epoch => Math.Pow(gamma, epoch)), false),
                            };
                        if (cycle_momentum)
                        {
                            if (optimizer is not IMomentum || groups.Any(group => group is not IMomentum))
                                throw new ArgumentException("cycle_momentum needs an optimizer with momentum; set it to false for this one.", nameof(optimizer));
                            momenta =
                            [
                                .. OneEach(base_momentum ?? Each(optimizer, 0.8), groups.Count, nameof(base_momentum))
                                    .Zip(OneEach(max_momentum ?? Each(optimizer, 0.9), groups.Count, nameof(max_momentum))),
                            ];
                        }
                        _base_lrs = lows;
                        step();
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        var cycle = Math.Floor(1 + (_last_epoch / length));
                        var position = 1 + (_last_epoch / length) - cycle;
                        var height = (position <= rising ? position / rising : (position - 1) / (rising - 1)) * scale(scaleByCycle ? cycle : _last_epoch);
                        if (momenta is not null)
                            foreach (var (group, (low, high)) in Groups.Zip(momenta))
                                ((IMomentum)group).Momentum = high - ((high - low) * height);
                        return lows.Zip(highs, (low, high) => low + ((high - low) * height));
                    }
                }

                /// <summary>Once up and then far down (Smith and Topin 2019). A step is a batch; after the last it can go no further.</summary>
                public class OneCycleLR : LRScheduler
                {
                    private readonly int steps;
                    private readonly bool linear;
                    private readonly List<(double First, double High, double Last)> rates;
                    private readonly List<(double Low, double High)>? momenta;
                    private readonly (double End, Func<int, (double From, double To)> Rate, bool MomentumFalls, bool MomentumRises)[] phases;

#pragma warning disable CA1034 // TorchSharp's nested type.
                    public enum AnnealStrategy
                    {
                        Cos,
                        Linear,
                    }
#pragma warning restore CA1034

                    public OneCycleLR(
                        Optimizer optimizer, double max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3, AnnealStrategy anneal_strategy = AnnealStrategy.Cos,
                        bool cycle_momentum = true, double base_momentum = 0.85, double max_momentum = 0.95, double div_factor = 25, double final_div_factor = 1e4, bool three_phase = false,
                        int last_epoch = -1, bool verbose = false)
                        : this(
                            optimizer, Each(optimizer, max_lr), total_steps, epochs, steps_per_epoch, pct_start, anneal_strategy, cycle_momentum, Each(optimizer, base_momentum),
                            Each(optimizer, max_momentum), div_factor, final_div_factor, three_phase, last_epoch, verbose)
                    {
                    }

                    /// <param name="max_lr">One a parameter group, as the other lists.</param>
                    /// <param name="total_steps">-1 for <paramref name="epochs"/> times <paramref name="steps_per_epoch"/>.</param>
                    /// <param name="pct_start">The share of the steps on the way up, 0 to 1.</param>
                    /// <param name="div_factor">The highest rate over the first.</param>
                    /// <param name="final_div_factor">The first rate over the last.</param>
                    /// <param name="three_phase">Comes down to the first rate in as many steps as it went up, and only then to the last.</param>
                    public OneCycleLR(
                        Optimizer optimizer, IEnumerable<double> max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3, AnnealStrategy anneal_strategy = AnnealStrategy.Cos,
                        bool cycle_momentum = true, IEnumerable<double>? base_momentum = null, IEnumerable<double>? max_momentum = null, double div_factor = 25, double final_div_factor = 1e4, bool three_phase = false,
                        int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        if (pct_start is not (>= 0 and <= 1))
                            throw new ArgumentException($"pct_start is a share, between 0 and 1, not {pct_start}.", nameof(pct_start));
                        if (total_steps == -1 && (epochs <= 0 || steps_per_epoch <= 0))
                            throw new ArgumentException("Either total_steps, or both epochs and steps_per_epoch, must be given, and positive.", nameof(total_steps));
                        if (total_steps is not (-1 or > 0))
                            throw new ArgumentException($"total_steps must be positive, not {total_steps}.", nameof(total_steps));
                        steps = total_steps > 0 ? total_steps : epochs * steps_per_epoch;
                        linear = anneal_strategy == AnnealStrategy.Linear;
                        var groups = Groups;
                        rates = [.. OneEach(max_lr, groups.Count, nameof(max_lr)).Select(high => (high / div_factor, high, high / div_factor / final_div_factor))];
                        if (cycle_momentum)
                        {
                            if (groups.Any(group => group is not (IMomentum or IBetas)))
                                throw new ArgumentException("cycle_momentum needs an optimizer with momentum or betas; set it to false for this one.", nameof(optimizer));
                            momenta =
                            [
                                .. OneEach(base_momentum ?? Each(optimizer, 0.85), groups.Count, nameof(base_momentum))
                                    .Zip(OneEach(max_momentum ?? Each(optimizer, 0.95), groups.Count, nameof(max_momentum))),
                            ];
                        }
                        var up = (pct_start * steps) - 1;
                        phases = three_phase
                            ? [(up, i => (rates[i].First, rates[i].High), true, false), ((2 * pct_start * steps) - 2, i => (rates[i].High, rates[i].First), false, true), (steps - 1, i => (rates[i].First, rates[i].Last), false, false)]
                            : [(up, i => (rates[i].First, rates[i].High), true, false), (steps - 1, i => (rates[i].High, rates[i].Last), false, true)];
                        if (last_epoch == -1)
                            for (var i = 0; i < groups.Count; i++)
                                groups[i].InitialLearningRate = _base_lrs[i] = rates[i].First;
                        step();
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        if (_last_epoch > steps)
                            throw new InvalidOperationException($"OneCycleLR was stepped {_last_epoch + 1} times; it was made for {steps} steps.");
                        var which = 0;
                        while (which < phases.Length - 1 && _last_epoch > phases[which].End)
                            which++;
                        var start = which == 0 ? 0 : phases[which - 1].End;
                        var (end, rate, falls, rises) = phases[which];
                        var share = (_last_epoch - start) / (end - start);
                        var groups = Groups;
                        if (momenta is not null)
                            for (var i = 0; i < groups.Count; i++)
                                SetMomentum(groups[i], Between(rises ? momenta[i].Low : momenta[i].High, falls ? momenta[i].Low : momenta[i].High, share));
                        return Enumerable.Range(0, groups.Count).Select(i => Between(rate(i).From, rate(i).To, share));
                    }

                    private double Between(double from, double to, double share) =>
                        linear ? ((to - from) * share) + from : to + ((from - to) / 2 * (Math.Cos(Math.PI * share) + 1));

                    private static void SetMomentum(ILearningRateController group, double momentum)
                    {
                        if (group is IBetas betas)
                            betas.Betas = (momentum, betas.Betas.Item2);
                        else
                            ((IMomentum)group).Momentum = momentum;
                    }
                }

                private static IEnumerable<double> Each(Optimizer optimizer, double value) => optimizer.ParamGroups.Select(_ => value);
            }
        }
    }
}
