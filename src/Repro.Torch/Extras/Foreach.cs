using Repro.Torch.Dispatch;
using TorchSharp;

namespace Repro.Torch;

/// <summary>One operator over a list of tensors: on CUDA few kernels for all of them. Nothing of it is recorded by autograd.</summary>
public static class Foreach
{
    /// <summary>target += alpha * source for each pair.</summary>
    public static void Add(IReadOnlyList<torch.Tensor> targets, IReadOnlyList<torch.Tensor> sources, double alpha = 1) =>
        InPlace(Ops._foreach_add__List, targets, sources, alpha);

    /// <summary>target *= source for each pair.</summary>
    public static void Multiply(IReadOnlyList<torch.Tensor> targets, IReadOnlyList<torch.Tensor> sources) => InPlace(Ops._foreach_mul__List, targets, sources, null);

    public static void Multiply(IReadOnlyList<torch.Tensor> targets, double factor)
    {
        using var recording = torch.no_grad();
        if (targets.Count > 0)
            Ops._foreach_mul__Scalar.Run(targets.ToArray(), factor);
    }

    /// <summary>target += value * first / second for each triple.</summary>
    public static void AddQuotient(IReadOnlyList<torch.Tensor> targets, IReadOnlyList<torch.Tensor> first, IReadOnlyList<torch.Tensor> second, double value = 1)
    {
        using var recording = torch.no_grad();
        if (targets.Count > 0)
            Ops._foreach_addcdiv__Scalar.Run(targets.ToArray(), first.ToArray(), second.ToArray(), value);
    }

    public static void Zero(IReadOnlyList<torch.Tensor> targets)
    {
        using var recording = torch.no_grad();
        if (targets.Count > 0)
            Ops._foreach_zero_.Run(targets.ToArray());
    }

    public static torch.Tensor[] Sqrt(IReadOnlyList<torch.Tensor> tensors)
    {
        using var recording = torch.no_grad();
        return tensors.Count > 0 ? Ops._foreach_sqrt.CallList(tensors.ToArray()) : [];
    }

    /// <summary>The 2-norm of each: scalars.</summary>
    public static torch.Tensor[] Norms(IReadOnlyList<torch.Tensor> tensors)
    {
        using var recording = torch.no_grad();
        return tensors.Count > 0 ? Ops._foreach_norm_Scalar.CallList(tensors.ToArray()) : [];
    }

    private static void InPlace(Operator op, IReadOnlyList<torch.Tensor> targets, IReadOnlyList<torch.Tensor> sources, double? alpha)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sources.Count, targets.Count);
        using var recording = torch.no_grad();
        if (targets.Count == 0)
            return;
        if (alpha is { } factor)
            op.Run(targets.ToArray(), sources.ToArray(), factor);
        else
            op.Run(targets.ToArray(), sources.ToArray());
    }
}
