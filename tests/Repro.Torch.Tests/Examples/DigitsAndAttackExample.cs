using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Torch.Tests.Examples;

/// <summary>
/// TorchSharp's digit example, a network of two convolutions with a log softmax trained by Adam, and its adversarial one, the fast
/// gradient sign method (Goodfellow et al. 2015) against that network. Here on generated pictures.
/// </summary>
public class DigitsAndAttackExample
{
    private const int Classes = 10, Side = 16;

    [Fact]
    public void ANetworkOfConvolutionsComesCloseToTheBestClassifierAndItsAccuracyFallsWithTheStrengthOfAnAttack()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        var generator = new Generator(1);
        var (pictures, draw) = GeneratedImages.Templates(Classes, Side, 0.45, generator);
        var (trainImages, trainLabels) = draw(1500);
        var (images, labels) = draw(500);
        var best = GeneratedImages.NearestIsRight(pictures, images, labels);
        Assert.True(best > 0.95, $"The pictures are too alike: {best:P1}");

        using var model = new Network();
        var optimizer = optim.Adam(model.parameters(), 2e-3);
        var scheduler = optim.lr_scheduler.StepLR(optimizer, 1, 0.75);
        using var data = torch.utils.data.TensorDataset(trainImages, trainLabels);
        using var loader = torch.utils.data.DataLoader(data, 50, shuffle: true, seed: 1);
        for (var epoch = 0; epoch < 4; epoch++)
        {
            foreach (var batch in loader)
            {
                using var step = NewDisposeScope();
                optimizer.zero_grad();
                NLLLoss().call(model.call(batch[0]), batch[1]).backward();
                optimizer.step();
            }
            scheduler.step();
        }
        Assert.Equal(2e-3 * Math.Pow(0.75, 4), optimizer.ParamGroups.Single().LearningRate, 12);

        model.eval();
        // Chance is 0.1; a tenth short of the best classifier can only be learned.
        var clean = Accuracy(model, images, labels);
        Assert.True(clean > best - 0.1, $"The network has {clean:P1} where {best:P1} is possible.");

        double[] strengths = [0, 0.1, 0.2, 0.3, 0.4, 0.6];
        var attacked = strengths.Select(strength => Accuracy(model, Attacked(model, images, labels, strength), labels)).ToArray();
        Assert.Equal(clean, attacked[0]);
        for (var i = 1; i < strengths.Length; i++)
            Assert.True(attacked[i] < attacked[i - 1], $"Accuracy by strength: {string.Join(", ", attacked)}");
        Assert.True(attacked[^1] < clean / 4, $"The strongest attack leaves {attacked[^1]:P1}.");

        // Signs drawn by chance move each pixel as far and do next to nothing.
        var noise = randint(2, images.shape, float32, generator: generator) * 2 - 1;
        var shaken = Accuracy(model, images + (noise * strengths[^1]), labels);
        Assert.True(shaken > attacked[^1] + 0.5, $"Noise leaves {shaken:P1}, the attack {attacked[^1]:P1}.");
    }

    private static double Accuracy(Network model, Tensor images, Tensor labels)
    {
        using var _ = no_grad();
        return GeneratedImages.Share(model.call(images).argmax(1), labels);
    }

    private static Tensor Attacked(Network model, Tensor images, Tensor labels, double strength)
    {
        var watched = images.detach().requires_grad_();
        model.zero_grad();
        NLLLoss().call(model.call(watched), labels).backward();
        return images + (watched.grad!.sign() * strength);
    }

    private sealed class Network : Module<Tensor, Tensor>
    {
        private readonly Conv2d conv1 = Conv2d(1, 8, 3);
        private readonly Conv2d conv2 = Conv2d(8, 16, 3);
        private readonly MaxPool2d pool = MaxPool2d(2);
        private readonly Dropout dropout1 = Dropout(0.25);
        private readonly Dropout dropout2 = Dropout(0.25);
        private readonly Linear fc1 = Linear(16 * 6 * 6, 64);
        private readonly Linear fc2 = Linear(64, Classes);

        public Network() : base(nameof(Network)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var features = pool.call(functional.relu(conv2.call(functional.relu(conv1.call(input)))));
            var hidden = functional.relu(fc1.call(dropout1.call(features).flatten(1)));
            return functional.log_softmax(fc2.call(dropout2.call(hidden)), 1).MoveToOuterDisposeScope();
        }
    }
}
