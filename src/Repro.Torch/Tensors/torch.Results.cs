using Repro.Torch.Dispatch;

namespace TorchSharp;

// Functions with several results, and those whose torch form has arguments of its own.
public static partial class torch
{
    public static (Tensor output, Tensor? inverse_indices, Tensor? counts) unique(Tensor input, bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null) =>
        input.unique(sorted, return_inverse, return_counts, dim);

    public static (Tensor std, Tensor mean) std_mean(Tensor input, bool unbiased = true) => input.std_mean(unbiased);

    public static Tensor softmax(Tensor input, int dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

    public static Tensor zeros_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => input.zeros_like(dtype, device, requires_grad);

    public static Tensor ones_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => input.ones_like(dtype, device, requires_grad);

    public static Tensor empty_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => input.empty_like(dtype, device, requires_grad);

    public static Tensor full_like(Tensor input, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => input.full_like(value, dtype, device, requires_grad);

    public static Tensor[] split(Tensor tensor, long split_size_or_sections, long dim = 0L) => tensor.split(split_size_or_sections, (int)dim);

    public static Tensor bucketize(Tensor input, Tensor boundaries, bool outInt32 = false, bool right = false) => Ops.bucketize_Tensor.Call(input, boundaries, outInt32, right);

    public static Tensor searchsorted(Tensor sorted_sequence, Tensor values, bool out_int32 = false, bool right = false, Tensor? sorter = null) =>
        Ops.searchsorted_Tensor.Call(sorted_sequence, values, out_int32, right, default(Argument), sorter);

    public static long numel(Tensor input) => input.numel();

    public static bool is_tensor(object obj) => obj is Tensor;

    /// <summary>The version of the libtorch that is loaded.</summary>
    public static string __version__ => Repro.Torch.Runtime.Version;

    public static partial class backends
    {
        public static partial class cuda
        {
            public static partial class matmul
            {
                /// <summary>Whether float32 matrix products on CUDA may use TensorFloat-32.</summary>
                public static bool allow_tf32
                {
                    get => Repro.Torch.Runtime.Switch(Repro.Torch.ContextSwitch.TensorFloat32InMatmul);
                    set => Repro.Torch.Runtime.Switch(Repro.Torch.ContextSwitch.TensorFloat32InMatmul, value);
                }
            }
        }

        public static partial class cudnn
        {
            public static bool allow_tf32
            {
                get => Repro.Torch.Runtime.Switch(Repro.Torch.ContextSwitch.TensorFloat32InCudnn);
                set => Repro.Torch.Runtime.Switch(Repro.Torch.ContextSwitch.TensorFloat32InCudnn, value);
            }
        }
    }
}
