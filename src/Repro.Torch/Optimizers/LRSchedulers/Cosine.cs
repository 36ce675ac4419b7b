namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>Down half a cosine from the first rate to the least (Loshchilov and Hutter 2017), and up again.</summary>
                public class CosineAnnealingLR : LRScheduler
                {
                    private readonly double period;
                    private readonly double least;

                    /// <param name="T_max">Epochs of half a cosine.</param>
                    public CosineAnnealingLR(Optimizer optimizer, double T_max, double eta_min = 0, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        (period, least) = (T_max, eta_min);
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => _last_epoch == 0
                        ? Times(1)
                        : _step_count == 1 && _last_epoch > 0
                            ? get_closed_form_lr()
                            : (_last_epoch - 1 - period) % (2 * period) == 0
                                ? Groups.Zip(_base_lrs, (group, rate) => group.LearningRate + ((rate - least) * (1 - Math.Cos(Math.PI / period)) / 2))
                                : Groups.Select(group => (Height(_last_epoch) / Height(_last_epoch - 1) * (group.LearningRate - least)) + least);

                    protected override IEnumerable<double> get_closed_form_lr() => _base_lrs.Select(rate => least + ((rate - least) * Height(_last_epoch) / 2));

                    private double Height(int epoch) => 1 + Math.Cos(Math.PI * epoch / period);
                }
            }
        }
    }
}
