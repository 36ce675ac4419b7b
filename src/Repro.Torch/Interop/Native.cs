using System.Runtime.InteropServices;

namespace Repro.Torch.Interop;

/// <summary>What a <see cref="NativeValue"/> holds; the shim's Tag.</summary>
internal enum Tag
{
    None = 0,
    Tensor = 1,
    Int = 2,
    Double = 3,
    Bool = 4,
    IntList = 5,
    DoubleList = 6,
    BoolList = 7,
    TensorList = 8,
    OptionalTensorList = 9,
    String = 10,
    Generator = 11,
    Device = 12,
    Default = 13,
    Complex = 14,
}

[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct NativeValue
{
    [FieldOffset(0)] public Tag Tag;
    [FieldOffset(4)] public int Count;
    [FieldOffset(8)] public long Integer;
    [FieldOffset(8)] public double Real;
    [FieldOffset(8)] public nint Pointer;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeTensorInfo
{
    public long Numel;
    public int Dim;
    public int ElementSize;
    public sbyte ScalarType;
    public sbyte DeviceType;
    public sbyte DeviceIndex;
    public byte Flags;

    public readonly bool RequiresGrad => (Flags & 1) != 0;
    public readonly bool IsLeaf => (Flags & 2) != 0;
    public readonly bool IsSparse => (Flags & 4) != 0;
    public readonly bool IsContiguous => (Flags & 8) != 0;

    /// <summary>The memory holds conjugates or negatives of the elements, or they are zeros without any memory, as some gradients are.</summary>
    public readonly bool IsLazy => (Flags & 16) != 0;
}

/// <summary>The shim's entries. Those that return int give 0, or 1 after an error (<see cref="Check"/>).</summary>
internal static unsafe partial class Native
{
    public const int Abi = 6;
    private const string Shim = ShimLibrary.Name;

#pragma warning disable CA1810 // The resolver must stand before the first call, which an initializer would not promise.
    static Native() => NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, ShimLibrary.Resolve);
#pragma warning restore CA1810

    [DllImport(Shim)] public static extern byte* rt_last_error();
    [DllImport(Shim)] public static extern byte* rt_version();
    [DllImport(Shim)] public static extern int rt_build_configuration(byte** text);
    [DllImport(Shim)] public static extern int rt_operator(byte* name, byte* overload, nint* op);
    [DllImport(Shim)] public static extern byte* rt_operator_schema(nint op);
    [DllImport(Shim)] public static extern int rt_call(nint op, NativeValue* arguments, int n, NativeValue* results, int capacity, int* produced);
    [DllImport(Shim)] public static extern void rt_free(nint memory);
    [DllImport(Shim)] public static extern void rt_tensor_release(nint tensor);
    [DllImport(Shim)] public static extern int rt_tensor_share(nint tensor, nint* copy);
    [DllImport(Shim)] public static extern int rt_tensor_info(nint tensor, NativeTensorInfo* info);
    [DllImport(Shim)] public static extern int rt_tensor_shape(nint tensor, long* sizes, long* strides);
    [DllImport(Shim)] public static extern int rt_tensor_data(nint tensor, void** data);
    [DllImport(Shim)] public static extern int rt_tensor_storage(nint tensor, nint* data, long* bytes);
    [DllImport(Shim)] public static extern int rt_tensor_storage_offset(nint tensor, long* offset);
    [DllImport(Shim)] public static extern int rt_tensor_set_requires_grad(nint tensor, int value);
    [DllImport(Shim)] public static extern int rt_tensor_retain_grad(nint tensor);
    [DllImport(Shim)] public static extern int rt_tensor_grad(nint tensor, nint* grad);
    [DllImport(Shim)] public static extern int rt_tensor_set_grad(nint tensor, nint grad);
    [DllImport(Shim)] public static extern int rt_tensor_set_data(nint tensor, nint source);

    [DllImport(Shim)]
    public static extern int rt_backward(nint* tensors, nint* gradients, long n, int retainGraph, int createGraph, nint* inputs, long inputsCount);

    [DllImport(Shim)]
    public static extern int rt_grad(
        nint* outputs, nint* gradients, long n, nint* inputs, long inputsCount, int retainGraph, int createGraph, int allowUnused, nint* results);

    [DllImport(Shim)]
    public static extern int rt_function_apply(
        nint context, nint forward, nint backward, nint release, nint* inputs, long n, nint** outputs, long* produced);

    [DllImport(Shim)] public static extern int rt_tensor_register_hook(nint tensor, nint context, nint call, nint release, long* number);
    [DllImport(Shim)] public static extern int rt_hook_remove(long number);
    [DllImport(Shim)] public static extern int rt_tensor_of_memory(nint data, long count, int scalarType, nint context, nint release, nint* tensor);
    [DllImport(Shim)] public static extern int rt_zero_grad(nint* tensors, long n, int setToNone);
    [DllImport(Shim)] public static extern int rt_grad_mode();
    [DllImport(Shim)] public static extern void rt_set_grad_mode(int enabled);
    [DllImport(Shim)] public static extern int rt_is_inference_mode();
    [DllImport(Shim)] public static extern int rt_inference_mode_begin(int enabled, nint* mode);
    [DllImport(Shim)] public static extern void rt_inference_mode_end(nint mode);
    [DllImport(Shim)] public static extern int rt_anomaly_mode();
    [DllImport(Shim)] public static extern int rt_anomaly_checks_nan();
    [DllImport(Shim)] public static extern void rt_set_anomaly_mode(int enabled, int checkNan);
    [DllImport(Shim)] public static extern int rt_manual_seed(ulong seed);
    [DllImport(Shim)] public static extern int rt_generator_default(int deviceType, int deviceIndex, nint* generator);
    [DllImport(Shim)] public static extern int rt_generator_new(int deviceType, int deviceIndex, ulong seed, nint* generator);
    [DllImport(Shim)] public static extern void rt_generator_release(nint generator);
    [DllImport(Shim)] public static extern int rt_generator_seed(nint generator, ulong* seed);
    [DllImport(Shim)] public static extern int rt_generator_set_seed(nint generator, ulong seed);
    [DllImport(Shim)] public static extern int rt_generator_random_seed(nint generator, ulong* seed);
    [DllImport(Shim)] public static extern int rt_generator_state(nint generator, nint* state);
    [DllImport(Shim)] public static extern int rt_generator_set_state(nint generator, nint state);
    [DllImport(Shim)] public static extern int rt_num_threads();
    [DllImport(Shim)] public static extern int rt_set_num_threads(int n);
    [DllImport(Shim)] public static extern int rt_num_interop_threads();
    [DllImport(Shim)] public static extern int rt_set_num_interop_threads(int n);
    [DllImport(Shim)] public static extern int rt_deterministic();
    [DllImport(Shim)] public static extern int rt_set_deterministic(int enabled, int warnOnly);
    [DllImport(Shim)] public static extern int rt_cuda_available(int* available);
    [DllImport(Shim)] public static extern int rt_cuda_device_count(int* count);
    [DllImport(Shim)] public static extern int rt_cuda_synchronize(long device);
    [DllImport(Shim)] public static extern int rt_context_get(int flag, int* value);
    [DllImport(Shim)] public static extern int rt_context_set(int flag, int value);
    [DllImport(Shim)] public static extern int rt_loaded_libraries(byte** text);

    [DllImport(Shim)]
    public static extern int rt_sgd_step(
        nint* parameters, nint* momenta, long n, double learningRate, double momentum, double dampening, double weightDecay, int nesterov, int maximize);

    [DllImport(Shim)]
    public static extern int rt_adam_step(
        nint* parameters, nint* first, nint* second, nint* largest, long* steps, long n,
        double learningRate, double beta1, double beta2, double epsilon, double weightDecay, int decoupled, int amsgrad, int maximize);

    [DllImport(Shim)]
    public static extern int rt_rmsprop_step(
        nint* parameters, nint* squares, nint* momenta, nint* means, long* steps, long n,
        double learningRate, double alpha, double epsilon, double weightDecay, double momentum, int centered, int maximize);

    [DllImport(Shim)]
    public static extern int rt_adagrad_step(nint* parameters, nint* sums, long* steps, long n, double learningRate, double rateDecay, double epsilon, double weightDecay);

    [DllImport(Shim)] public static extern int rt_lerp_all(nint* targets, nint* sources, long n, double weight);

    [DllImport(Shim)] public static extern int rt_clip_gradient_norm(nint* parameters, long n, double limit, double* norm);

    /// <summary>Throws libtorch's message, with the name of what was being done, where an entry reported an error.</summary>
    public static void Check(int result, string doing)
    {
        if (result != 0)
            Throw(doing);
    }

#pragma warning disable CA2201 // TorchSharp throws this type, and programs catch it.
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Throw(string doing)
    {
        var message = Marshal.PtrToStringUTF8((nint)rt_last_error())!;
        Callbacks.Rethrow(message);
        throw new ExternalException($"{message} (in {doing})");
    }
#pragma warning restore CA2201
}
