using Repro.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Benchmarks.Engine;

/// <summary>
/// The noise's prediction of Ho et al. 2020 (arXiv:2006.11239), appendix B, small: residual blocks with group norm, the time's embedding added,
/// a level of down- and upsampling each; Adam.
/// </summary>
internal sealed class UNetStep : IWorkload
{
    private readonly UNet _model;
    private readonly Tensor _x, _noise, _time;
    private readonly optim.Optimizer _optimizer;

    // Multiplications of an image in all convolutions and linear layers; those of the first convolution.
    public static Work Small => Work.Training(128 * 10_330_112.0, 410_721, state: 2, first: 128 * 18_432);

    public static Work Large => Work.Training(16 * 175_640_576.0, 695_715, state: 2, first: 16 * 884_736);

    public UNetStep(int channels, int size, int width, int levels, int batch)
    {
        _model = Acceleration.ChannelsLast(new UNet(channels, width, levels));
        (_x, _noise) = (Images(batch, channels, size), Images(batch, channels, size));
        _time = randint(0, 1000, [batch]).to(float32);
        _optimizer = optim.Adam(_model.parameters(), 2e-4);
    }

    public void Step()
    {
        using var scope = NewDisposeScope();
        _optimizer.zero_grad();
        Loss().backward();
        _optimizer.step();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _model.Dispose();
        foreach (var tensor in (Tensor[])[_x, _noise, _time]) tensor.Dispose();
    }

    private static Tensor Images(int batch, int channels, int size)
    {
        using var images = randn(batch, channels, size, size);
        return Acceleration.ImagesChannelsLast(images);
    }

    private Tensor Loss() => functional.mse_loss(_model.call(_x, _time), _noise);

    private sealed class Residual : Module<Tensor, Tensor, Tensor>
    {
        private readonly GroupNorm norm1;
        private readonly GroupNorm norm2;
        private readonly Conv2d conv1;
        private readonly Linear time;
        private readonly Conv2d conv2;
        private readonly Module<Tensor, Tensor> shortcut;

        public Residual(int from, int to, int embedding) : base(nameof(Residual))
        {
            (norm1, norm2) = (GroupNorm(8, from), GroupNorm(8, to));
            conv1 = Conv2d(from, to, 3, padding: 1);
            time = Linear(embedding, to);
            conv2 = Conv2d(to, to, 3, padding: 1);
            shortcut = from == to ? Identity() : Conv2d(from, to, 1);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x, Tensor t)
        {
            using var first = Acceleration.GroupNormSilu(norm1, x);
            using var convolved = conv1.call(first);
            using var active = functional.silu(t);
            using var projected = time.call(active);
            using var spread = projected[.., .., TensorIndex.None, TensorIndex.None];
            convolved.add_(spread);                                         // in place: nobody's backward needs a convolution's result
            using var second = Acceleration.GroupNormSilu(norm2, convolved);
            var y = conv2.call(second);
            using var skip = shortcut.call(x);
            return y.add_(skip);
        }
    }

    private sealed class UNet : Module<Tensor, Tensor, Tensor>
    {
        private readonly int _width;
        private readonly Linear embed1;
        private readonly Linear embed2;
        private readonly Conv2d input;
        private readonly ModuleList<Residual> down = ModuleList<Residual>();
        private readonly ModuleList<Residual> up = ModuleList<Residual>();
        private readonly ModuleList<Conv2d> downsample = ModuleList<Conv2d>();
        private readonly ModuleList<Conv2d> upsample = ModuleList<Conv2d>();
        private readonly Residual middle;
        private readonly GroupNorm norm;
        private readonly Conv2d output;

        public UNet(int channels, int width, int levels) : base(nameof(UNet))
        {
            _width = width;
            (embed1, embed2) = (Linear(width, 4 * width), Linear(4 * width, 4 * width));
            input = Conv2d(channels, width, 3, padding: 1);
            int Width(int level) => level == 0 ? width : 2 * width;
            for (var i = 0; i < levels; i++)
            {
                down.Add(new Residual(Width(Math.Max(i - 1, 0)), Width(i), 4 * width));
                if (i + 1 < levels) downsample.Add(Conv2d(Width(i), Width(i), 3, stride: 2, padding: 1));
            }
            middle = new Residual(Width(levels - 1), Width(levels - 1), 4 * width);
            for (var i = levels - 1; i >= 0; i--)
            {
                up.Add(new Residual(Width(Math.Min(i + 1, levels - 1)) + Width(i), Width(i), 4 * width));
                if (i > 0) upsample.Add(Conv2d(Width(i), Width(i), 3, padding: 1));
            }
            (norm, output) = (GroupNorm(8, width), Conv2d(width, channels, 3, padding: 1));
            RegisterComponents();
        }

        public override Tensor forward(Tensor x, Tensor time)
        {
            using var t = Embedded(time);                                   // [N, 4 * width]
            var skips = new Stack<Tensor>();
            var h = input.call(x);
            for (var i = 0; i < down.Count; i++)
            {
                using var before = h;
                skips.Push(h = down[i].call(before, t));
                if (i < downsample.Count) h = downsample[i].call(h);
            }
            h = middle.call(h, t);                                          // what was in h is the last skip
            for (var i = 0; i < up.Count; i++)
            {
                using (var below = h)
                using (var skip = skips.Pop())
                using (var joined = cat([below, skip], 1))
                    h = up[i].call(joined, t);
                if (i == upsample.Count) break;
                using var small = h;
                using var large = functional.interpolate(small, scale_factor: [2, 2]);
                h = upsample[i].call(large);
            }
            using (h)
            {
                using var active = Acceleration.GroupNormSilu(norm, h);
                return output.call(active);
            }
        }

        private Tensor Embedded(Tensor time)
        {
            var half = _width / 2;
            using var scope = NewDisposeScope();
            var frequencies = exp(arange(half) * (-Math.Log(10_000) / (half - 1)));
            var angles = time[.., TensorIndex.None] * frequencies[TensorIndex.None];
            return embed2.call(functional.silu(embed1.call(cat([angles.sin(), angles.cos()], 1)))).MoveToOuterDisposeScope();
        }
    }
}
