using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training;

/// <summary>
/// Keeps small gradients of float16 from vanishing: the loss times a factor, the gradients divided by it, and no step where one is not finite. The TorchSharp
/// package has no autocast to float16, so there the factor is 1 and every step is taken.
/// </summary>
internal sealed class LossScale
{
#if TORCHSHARP_PACKAGE
    private readonly double _factor = 1;

    public Tensor Scale(Tensor loss) => loss * _factor;

    /// <summary>Takes the step.</summary>
    /// <returns>Whether it was taken.</returns>
    public bool Step(optim.Optimizer optimizer)
    {
        optimizer.step();
        return _factor == 1;
    }
#else
    private readonly Repro.Torch.GradScaler _scaler = new();

    public Tensor Scale(Tensor loss) => _scaler.Scale(loss);

    /// <summary>Takes the step where all gradients are finite, and settles the factor of the next loss.</summary>
    /// <returns>Whether it was taken.</returns>
    public bool Step(optim.Optimizer optimizer)
    {
        var taken = _scaler.Step(optimizer);
        _scaler.Update();
        return taken;
    }
#endif
}
