using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            /// <summary>Weight and bias of one convolution that does what a convolution and the batch norm behind it do in evaluation.</summary>
            /// <param name="bn_rm">The norm's running mean; bn_rv its running variance, bn_w and bn_b its scale and shift.</param>
            /// <param name="transpose">The convolution is a transposed one.</param>
            public static (Parameter weight, Parameter bias) fuse_conv_bn_weights(
                Tensor conv_w, Tensor? conv_b, Tensor bn_rm, Tensor bn_rv, double bn_eps, Tensor? bn_w, Tensor? bn_b, bool transpose = false)
            {
                var sizes = new long[conv_w.dim()];
                Array.Fill(sizes, 1);
                sizes[transpose ? 1 : 0] = -1;
                return Fused(conv_w, conv_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, sizes);
            }

            /// <summary>Weight and bias of one linear layer that does what a linear layer and the batch norm behind it do in evaluation.</summary>
            public static (Parameter weight, Parameter bias) fuse_linear_bn_weights(
                Tensor linear_w, Tensor? linear_b, Tensor bn_rm, Tensor bn_rv, double bn_eps, Tensor bn_w, Tensor bn_b) =>
                Fused(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, [-1, 1]);

            /// <exception cref="InvalidOperationException">One of the two is in training.</exception>
            public static Linear fuse_linear_bn_eval(Linear linear, BatchNorm bn)
            {
                if (linear.training || bn.training)
                    throw new InvalidOperationException("Fusing operators is valid only for eval mode.");
                var (weight, bias) = fuse_linear_bn_weights(linear.weight, linear.bias, bn.running_mean!, bn.running_var!, bn.eps, bn.weight, bn.bias!);
                return Linear(weight, bias);
            }

            private static (Parameter, Parameter) Fused(Tensor weight, Tensor? bias, Tensor mean, Tensor variance, double eps, Tensor? scale, Tensor? shift, long[] sizes)
            {
                using var scope = NewDisposeScope();
                using var grad = no_grad();
                var factor = (variance + eps).rsqrt();
                if (scale is not null)
                    factor = factor * scale;
                var moved = (bias is null ? -mean : bias - mean) * factor;
                if (shift is not null)
                    moved = moved + shift;
                var fusedWeight = new Parameter((weight * factor.reshape(sizes)).to_type(weight.dtype), weight.requires_grad);
                var fusedBias = new Parameter(moved.to_type(bias?.dtype ?? weight.dtype), bias?.requires_grad ?? false);
                fusedWeight.MoveToOuterDisposeScope();
                fusedBias.MoveToOuterDisposeScope();
                return (fusedWeight, fusedBias);
            }
        }
    }
}
