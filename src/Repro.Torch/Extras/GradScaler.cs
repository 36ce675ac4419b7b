using Repro.Torch.Dispatch;
using TorchSharp;

namespace Repro.Torch;

/// <summary>What a <see cref="GradScaler"/> carries from step to step, for a checkpoint.</summary>
/// <param name="StepsSinceGrowth">Steps without an overflow since the scale last changed.</param>
public sealed record GradScalerState(double Scale, double GrowthFactor, double BackoffFactor, int GrowthInterval, int StepsSinceGrowth);

/// <summary>
/// Keeps small gradients of float16 from vanishing: the loss is multiplied before backward, the gradients divided after it. A step whose gradients are not all
/// finite is left out and the factor made smaller; after enough good steps it grows (Micikevicius et al. 2018, section 3.2).
/// </summary>
/// <remarks>Each step: <c>scaler.Scale(loss).backward(); scaler.Step(optimizer); scaler.Update();</c></remarks>
public sealed class GradScaler
{
    private readonly bool enabled;
    private readonly Dictionary<torch.optim.Optimizer, bool> looked = new(ReferenceEqualityComparer.Instance); // by optimizer: were all finite
    private double scale;
    private double growthFactor;
    private double backoffFactor;
    private int growthInterval;
    private int good;

    /// <param name="initialScale">Above 0; a power of two loses no bits.</param>
    /// <param name="growthFactor">Above 1.</param>
    /// <param name="backoffFactor">Between 0 and 1.</param>
    /// <param name="growthInterval">Good steps in a row before the scale grows.</param>
    /// <param name="enabled">False: losses and gradients pass unchanged, and every step is taken.</param>
    public GradScaler(double initialScale = 65536, double growthFactor = 2, double backoffFactor = 0.5, int growthInterval = 2000, bool enabled = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(initialScale);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(growthFactor, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(backoffFactor);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(backoffFactor, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(growthInterval, 1);
        (scale, this.growthFactor, this.backoffFactor, this.growthInterval, this.enabled) = (initialScale, growthFactor, backoffFactor, growthInterval, enabled);
    }

    /// <summary>The factor of the next loss; 1 where not enabled.</summary>
    public double Factor => enabled ? scale : 1;

    /// <returns>float32 for a loss in float16, whose range the scale alone exceeds.</returns>
    public torch.Tensor Scale(torch.Tensor loss)
    {
        if (!enabled || loss.dtype != torch.ScalarType.Float16)
            return loss * Factor;
        using var wide = loss.to(torch.ScalarType.Float32);
        return wide * Factor;
    }

    /// <summary>Divides the gradients, for clipping them before <see cref="Step"/>. Once between two updates.</summary>
    /// <exception cref="InvalidOperationException">It was done already.</exception>
    public void Unscale(torch.optim.Optimizer optimizer)
    {
        if (!enabled)
            return;
        if (looked.ContainsKey(optimizer))
            throw new InvalidOperationException("The gradients of this optimizer were unscaled already since the last Update.");
        using var recording = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var gradients = optimizer.parameters().Select(parameter => parameter.grad).OfType<torch.Tensor>().ToList();
        var finite = true;
        // Several types or devices may stand in one optimizer; the fused kernel wants one of each.
        foreach (var group in gradients.GroupBy(gradient => (gradient.dtype, gradient.device.ToString())))
            finite &= Unscale([.. group], 1 / scale);
        looked[optimizer] = finite;
    }

    /// <summary>Takes the optimizer's step, or leaves it out where a gradient is not finite. Waits for the device to know.</summary>
    /// <returns>Whether the step was taken.</returns>
    public bool Step(torch.optim.Optimizer optimizer)
    {
        if (enabled && !looked.ContainsKey(optimizer))
            Unscale(optimizer);
        if (enabled && !looked[optimizer])
            return false;
        optimizer.step();
        return true;
    }

    /// <summary>After the steps of all optimizers: the scale for the next losses.</summary>
    /// <exception cref="InvalidOperationException">No gradients were looked at since the last one.</exception>
    public void Update()
    {
        if (!enabled)
            return;
        if (looked.Count == 0)
            throw new InvalidOperationException("Step or Unscale comes before Update: no gradients were looked at.");
        if (looked.ContainsValue(false))
        {
            scale *= backoffFactor;
            good = 0;
        }
        else if (++good == growthInterval)
        {
            // A scale that is not finite any more as float32 would never come back.
            if (float.IsFinite((float)(scale * growthFactor)))
                scale *= growthFactor;
            good = 0;
        }
        looked.Clear();
    }

    public GradScalerState State() => new(scale, growthFactor, backoffFactor, growthInterval, good);

    public void Load(GradScalerState state) =>
        (scale, growthFactor, backoffFactor, growthInterval, good) = (state.Scale, state.GrowthFactor, state.BackoffFactor, state.GrowthInterval, state.StepsSinceGrowth);

    /// <summary>Multiplies all in place; all of one type and device.</summary>
    /// <returns>Whether all were finite.</returns>
    private static bool Unscale(torch.Tensor[] gradients, double by)
    {
        if (gradients[0].is_cuda)
        {
            var notFinite = torch.zeros(1, device: gradients[0].device);
            Ops._amp_foreach_non_finite_check_and_unscale_.Run(gradients, notFinite, torch.tensor((float)by, device: gradients[0].device));
            return notFinite.item<float>() == 0;
        }
        // Before 2.3 the fused kernel is for CUDA only.
        var finite = true;
        foreach (var gradient in gradients)
        {
            finite &= gradient.isfinite().all().item<bool>();
            gradient.mul_(by);
        }
        return finite;
    }
}
