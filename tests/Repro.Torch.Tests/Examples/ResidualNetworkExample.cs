using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Torch.Tests.Examples;

/// <summary>TorchSharp's CIFAR example with a residual network (He et al. 2016), here on gratings of CIFAR's shape.</summary>
public class ResidualNetworkExample
{
    private const int Classes = 4;

    [Fact]
    public void AResidualNetworkTellsDirectionsThatNoSinglePixelTellsAndAFileKeepsWhatItLearned()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(2);
        var generator = new Generator(2);
        var (trainImages, trainLabels) = GeneratedImages.Gratings(800, Classes, 32, 0.5, generator);
        var (images, labels) = GeneratedImages.Gratings(200, Classes, 32, 0.5, generator);
        var best = GeneratedImages.EnergyIsRight(images, labels, Classes);
        Assert.True(best > 0.95, $"The gratings drown in the noise: {best:P1}");

        using var model = Network();
        var optimizer = optim.SGD(model.parameters(), 0.05, momentum: 0.9, weight_decay: 1e-4);
        const int epochs = 3, size = 40;
        var scheduler = optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps: epochs * 800 / size);
        var loss = CrossEntropyLoss();
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            var order = randperm(800, generator: generator);
            foreach (var batch in order.split(size))
            {
                using var step = NewDisposeScope();
                optimizer.zero_grad();
                loss.call(model.call(trainImages.index_select(0, batch)), trainLabels.index_select(0, batch)).backward();
                optimizer.step();
                scheduler.step();
            }
        }
        model.eval();
        using var _ = no_grad();
        var scores = model.call(images);
        var reached = GeneratedImages.Share(scores.argmax(1), labels);
        Assert.True(reached > best - 0.1, $"The network has {reached:P1} where {best:P1} is possible.");

        using var file = new MemoryStream();
        model.save(file);
        file.Position = 0;
        using var other = Network();
        other.load(file);
        other.eval();
        Assert.Equal(scores.data<float>().ToArray(), other.call(images).data<float>().ToArray());
    }

    private static Sequential Network() => Sequential(
        ("stem", Conv2d(3, 8, 3, padding: 1, bias: false)), ("norm", BatchNorm2d(8)), ("relu", ReLU(inplace: true)),
        ("stage1", new Block(8, 8, 1)), ("stage2", new Block(8, 16, 2)), ("stage3", new Block(16, 32, 2)),
        ("pool", AdaptiveAvgPool2d(1)), ("flatten", Flatten()), ("head", Linear(32, Classes)));

    private sealed class Block : Module<Tensor, Tensor>
    {
        private readonly Sequential layers;
        private readonly Module<Tensor, Tensor> shortcut;

        public Block(long from, long to, long stride) : base(nameof(Block))
        {
            layers = Sequential(
                Conv2d(from, to, 3, stride: stride, padding: 1, bias: false), BatchNorm2d(to), ReLU(inplace: true),
                Conv2d(to, to, 3, padding: 1, bias: false), BatchNorm2d(to));
            shortcut = from == to && stride == 1 ? Identity() : Sequential(Conv2d(from, to, 1, stride: stride, bias: false), BatchNorm2d(to));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var main = layers.call(input);
            using var side = shortcut.call(input);
            return (main + side).relu_();
        }
    }
}
