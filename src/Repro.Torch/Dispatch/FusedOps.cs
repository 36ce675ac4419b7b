namespace Repro.Torch.Dispatch;

/// <summary>Operators of the shim's own (native/fused_*.cpp), called like libtorch's; what their kernels do not take they hand on to libtorch.</summary>
#pragma warning disable IDE1006
internal static class FusedOps
{
    public static readonly Operator add = new("repro::add(Tensor self, Tensor other) -> Tensor");
    public static readonly Operator sub = new("repro::sub(Tensor self, Tensor other) -> Tensor");
    public static readonly Operator mul = new("repro::mul(Tensor self, Tensor other) -> Tensor");
    public static readonly Operator softplus = new("repro::softplus(Tensor self) -> Tensor");
    public static readonly Operator linear = new("repro::linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor");
    public static readonly Operator matmul = new("repro::matmul(Tensor self, Tensor other) -> Tensor");
    public static readonly Operator bmm = new("repro::bmm(Tensor self, Tensor mat2) -> Tensor");
    public static readonly Operator baddbmm = new("repro::baddbmm(Tensor self, Tensor batch1, Tensor batch2, float beta, float alpha) -> Tensor");
    public static readonly Operator cross_entropy = new("repro::cross_entropy(Tensor logits, Tensor target, int reduction=1, int ignore_index=-100) -> Tensor");
    public static readonly Operator dropout = new("repro::dropout(Tensor input, float p, bool train) -> Tensor");
    public static readonly Operator lstm = new("repro::lstm(Tensor input, Tensor[] hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional, bool batch_first) -> (Tensor, Tensor, Tensor)");
    public static readonly Operator batch_norm = new("repro::batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor(a!)? running_mean, Tensor(b!)? running_var, Tensor? residual, float momentum, float eps, bool relu) -> Tensor");
    public static readonly Operator group_norm = new("repro::group_norm(Tensor input, int num_groups, Tensor? weight, Tensor? bias, float eps, bool silu) -> Tensor");
}
