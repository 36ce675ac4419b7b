using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Moves and conversions. Parameters and buffers keep their identity: only what they hold changes.
        public partial class Module
        {
            protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking)
            {
                CheckType(dtype);
                return Convert(device, dtype, non_blocking);
            }

            protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) =>
                Convert(new Device(deviceType, deviceIndex), null, non_blocking);

            protected internal virtual Module _to(ScalarType dtype, bool non_blocking)
            {
                CheckType(dtype);
                return Convert(null, dtype, non_blocking);
            }

            public Module _to(Tensor other, bool non_blocking) => _to(other.device, other.dtype, non_blocking);

            private static void CheckType(ScalarType dtype)
            {
                if (!dtype.IsFloatingPoint() && !dtype.IsComplex())
                    throw new ArgumentException($"nn.Module.to only accepts floating point or complex types, but got desired dtype={dtype}");
            }

            private Module Convert(Device? device, ScalarType? dtype, bool nonBlocking)
            {
                if (device is not null)
                    InitializeDevice(device);
                using var grad = no_grad();
                foreach (var parameter in parameters())
                    SetData(parameter, device, dtype, nonBlocking);
                foreach (var buffer in buffers())
                    SetData(buffer, device, dtype, nonBlocking);
                if (device is not null)
                    apply(module => (module._deviceType, module._deviceIndex) = (device.type, device.index));
                return this;
            }

            private static void SetData(Tensor tensor, Device? device, ScalarType? dtype, bool nonBlocking)
            {
                var type = dtype is { } wanted && (tensor.is_floating_point() || tensor.is_complex()) ? wanted : tensor.dtype;
                if (type == tensor.dtype && (device is null || (device.type == tensor.device_type && device.index == tensor.device.index)))
                    return;
                using var old = tensor.grad;
                tensor.grad = null;
                using (var moved = tensor.to(type, device ?? tensor.device, non_blocking: nonBlocking))
                using (var data = moved.detach())
                    tensor.SetData(data);
                if (old is null)
                    return;
                using var gradient = old.to(type, device ?? old.device, non_blocking: nonBlocking);
                tensor.grad = gradient;
            }
        }

    }

    public partial class Tensor
    {
        /// <summary>Puts the source's memory, type and device in place of this tensor's, which keeps its identity.</summary>
        internal void SetData(Tensor source)
        {
            Repro.Torch.Interop.Native.Check(Repro.Torch.Interop.Native.rt_tensor_set_data(Handle, source.Handle), "Tensor.set_data");
            GC.KeepAlive(this);
            GC.KeepAlive(source);
        }
    }
}

/// <summary>Moves and conversions that keep a module's own type.</summary>
public static class ModuleExtensionMethods
{
    public static T to<T>(this T module, torch.ScalarType type, bool non_blocking = false) where T : torch.nn.Module => (T)module._to(type, non_blocking);

    public static T to<T>(this T module, torch.Device device, torch.ScalarType type, bool non_blocking = false) where T : torch.nn.Module =>
        (T)module._to(device, type, non_blocking);

    public static T to<T>(this T module, DeviceType deviceType, int deviceIndex = -1, bool non_blocking = false) where T : torch.nn.Module =>
        (T)module._to(deviceType, deviceIndex, non_blocking);

    public static T to<T>(this T module, torch.Device device, bool non_blocking = false) where T : torch.nn.Module =>
        (T)module._to(device.type, device.index, non_blocking);

    public static T to<T>(this T module, string device, bool non_blocking = false) where T : torch.nn.Module => module.to(new torch.Device(device), non_blocking);

    public static T to<T>(this T module, torch.Tensor other, bool non_blocking = false) where T : torch.nn.Module => (T)module._to(other, non_blocking);

    public static T cpu<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => module.to(DeviceType.CPU, -1, non_blocking);

    public static T cuda<T>(this T module, int deviceIndex = -1, bool non_blocking = false) where T : torch.nn.Module =>
        module.to(DeviceType.CUDA, deviceIndex, non_blocking);

    public static T half<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => module.to(torch.ScalarType.Float16, non_blocking);

    public static T bfloat16<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => module.to(torch.ScalarType.BFloat16, non_blocking);

    public static T @float<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => module.to(torch.ScalarType.Float32, non_blocking);

    public static T @double<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => module.to(torch.ScalarType.Float64, non_blocking);

    // TorchSharp names these, too; a module refuses types that hold no gradient.
    public static T @bool<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => module.to(torch.ScalarType.Bool, non_blocking);

    public static T @byte<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => module.to(torch.ScalarType.Byte, non_blocking);

    public static T @char<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => module.to(torch.ScalarType.Int8, non_blocking);

    public static T @short<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => module.to(torch.ScalarType.Int16, non_blocking);

    public static T @int<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => module.to(torch.ScalarType.Int32, non_blocking);

    public static T @long<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => module.to(torch.ScalarType.Int64, non_blocking);

    public static T cfloat<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => module.to(torch.ScalarType.ComplexFloat32, non_blocking);

    public static T cdouble<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => module.to(torch.ScalarType.ComplexFloat64, non_blocking);
}
