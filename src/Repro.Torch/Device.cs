using Repro.Torch.Dispatch;
using Repro.Torch.Interop;

namespace TorchSharp;

/// <summary>Kinds of device, numbered as libtorch does.</summary>
public enum DeviceType
{
    CPU = 0,
    CUDA = 1,
    MKLDNN = 2,
    OPENGL = 3,
    OPENCL = 4,
    IDEEP = 5,
    HIP = 6,
    FPGA = 7,
    MSNPU = 8,
    XLA = 9,
    MPS = 13,
    META = 14,
}

public static partial class torch
{
    /// <summary>Where a tensor lives: a kind of device and its index, -1 for the current one.</summary>
    public class Device
    {
        /// <param name="description">A kind and perhaps an index: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>.</param>
        public Device(string description)
        {
            ArgumentNullException.ThrowIfNull(description);
            var colon = description.IndexOf(':', StringComparison.Ordinal);
            type = Parse(colon < 0 ? description : description[..colon], description);
            index = colon < 0 ? Unindexed(type) : int.Parse(description[(colon + 1)..]);
        }

        public Device(string deviceType, int index = -1) : this(Parse(deviceType, deviceType), index)
        {
        }

        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = index < 0 ? Unindexed(deviceType) : index;
        }

        /// <param name="index">Of a CUDA device.</param>
        public Device(int index) : this(DeviceType.CUDA, index)
        {
        }

        public DeviceType type { get; }

        public int index { get; }

        public override string ToString()
        {
            var name = type.ToString().ToLowerInvariant();
            return type == DeviceType.CPU || index < 0 ? name : $"{name}:{index}";
        }

        public static implicit operator Device(string description) => new(description);

        private static int Unindexed(DeviceType type) => type == DeviceType.CUDA ? 0 : -1;

        private static DeviceType Parse(string word, string description) =>
            Enum.TryParse<DeviceType>(word, ignoreCase: true, out var type) && !int.TryParse(word, out _)
                ? type
                : throw new ArgumentException($"'{description}' names no device. Use cpu, cuda or cuda:<index>.");
    }

    public static readonly Device CPU = new(DeviceType.CPU);
    public static readonly Device META = new(DeviceType.META);

    public static Device CUDA => InitializeDevice(new Device(DeviceType.CUDA));

    public static Device MPS => InitializeDevice(new Device(DeviceType.MPS));

    public static Device device(string description) => InitializeDevice(new Device(description));

    public static Device device(string deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    public static Device device(DeviceType deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    public static Device device(int index) => InitializeDevice(new Device(index));

    /// <summary>Whether tensors can live on such a device here.</summary>
    public static bool TryInitializeDeviceType(DeviceType deviceType) =>
        deviceType is DeviceType.CPU or DeviceType.META || (deviceType == DeviceType.CUDA && cuda.is_available());

    /// <exception cref="InvalidOperationException">This libtorch, or this machine, has no such device.</exception>
    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (!TryInitializeDeviceType(deviceType))
            throw new InvalidOperationException($"Device {deviceType} is not available: this libtorch was built without it, or the machine has none.");
    }

    /// <summary>Checks that the device exists; null stands for the default device.</summary>
    public static Device InitializeDevice(Device? device)
    {
        device ??= get_default_device();
        InitializeDeviceType(device.type);
        return device;
    }

    public static bool cuda_is_available() => cuda.is_available();

    public static bool mps_is_available() => TryInitializeDeviceType(DeviceType.MPS);

    public static partial class cuda
    {
        public static unsafe bool is_available()
        {
            int available;
            Native.Check(Native.rt_cuda_available(&available), "cuda.is_available");
            return available != 0;
        }

        /// <summary>Whether this libtorch was built with cuDNN and there is a device for it.</summary>
        public static bool is_cudnn_available()
        {
            if (!is_available())
                return false;
            using var one = zeros(1, device: CUDA);
            return Ops.cudnn_is_acceptable.CallScalar(one).ToBoolean();
        }

        public static unsafe int device_count()
        {
            int count;
            Native.Check(Native.rt_cuda_device_count(&count), "cuda.device_count");
            return count;
        }

        public static void manual_seed(long seed) => SeedCuda(seed, [0]);

        public static void manual_seed_all(long seed) => SeedCuda(seed, Enumerable.Range(0, device_count()));

        /// <summary>Waits until the device has done all that was asked of it.</summary>
        /// <remarks>Nothing to wait for where there is no CUDA.</remarks>
        public static void synchronize(Device? device = null)
        {
            if (is_available())
                Native.Check(Native.rt_cuda_synchronize(device?.index ?? -1), "cuda.synchronize");
        }

        private static void SeedCuda(long seed, IEnumerable<int> devices)
        {
            if (!is_available())
                return;
            foreach (var index in devices)
            {
                using var generator = Generator.OfDevice(new Device(DeviceType.CUDA, index));
                generator.manual_seed(seed);
            }
        }
    }
}
