using Repro.Torch.Dispatch;

namespace TorchSharp;

// Quantized tensors: integers with a scale and a zero point, for all or for each channel.
public static partial class torch
{
    public partial class Tensor
    {
        public bool is_quantized() => torch.is_quantized(dtype);
        public Tensor dequantize() => Ops.dequantize_self.Call(this);

        /// <summary>The integers themselves.</summary>
        public Tensor int_repr() => Ops.int_repr.Call(this);
        public double q_scale() => Ops.q_scale.CallScalar(this).ToDouble();
        public long q_zero_point() => Ops.q_zero_point.CallScalar(this).ToInt64();
        public Tensor q_per_channel_scales() => Ops.q_per_channel_scales.Call(this);
        public Tensor q_per_channel_zero_points() => Ops.q_per_channel_zero_points.Call(this);
        public long q_per_channel_axis() => Ops.q_per_channel_axis.CallScalar(this).ToInt64();

        public bool is_pinned() => Ops.is_pinned.CallScalar(this).ToBoolean();
        public Tensor mps(bool non_blocking = false) => to(new Device(DeviceType.MPS), non_blocking: non_blocking);
        public Tensor type(Func<Tensor, Tensor> typeFunc) => typeFunc(this);
        public Tensor DetatchFromDisposeScope() => DetachFromDisposeScope();
    }
}
