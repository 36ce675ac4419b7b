using Repro.Studies;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training;

/// <summary>Turns the word for a device into the engine's device.</summary>
public static class Devices
{
    /// <param name="name"><c>cpu</c>, <c>cuda</c> (the first one) or <c>cuda:N</c>.</param>
    /// <exception cref="BadInputException">Another word.</exception>
    /// <exception cref="MissingComponentException">CUDA is asked for and not there, or has no such index.</exception>
    public static Device Select(string name)
    {
        if (name == "cpu") return CPU;
        var index = 0;
        if (name != "cuda" && !(name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), System.Globalization.NumberStyles.None, null, out index)))
            throw new BadInputException($"A device is 'cpu', 'cuda' or 'cuda:N' with N from 0; '{name}' is none.");
        if (!cuda.is_available())
        {
            throw new MissingComponentException(
                $"The device '{name}' needs a CUDA GPU and a libtorch built with CUDA; the engine in use ({EngineInfo.Current.Name}) sees none. " +
                "'./repro doctor' shows what is there; './setup --libtorch DIR' takes the libtorch of a PyTorch install; '--device cpu' runs here.");
        }
        var count = cuda.device_count();
        if (index >= count)
            throw new MissingComponentException($"The device '{name}' is not there: this machine has {count} CUDA device(s), {(count == 1 ? "cuda:0" : $"cuda:0 to cuda:{count - 1}")}. Name one that is, or '--device cpu'.");
        return new Device(DeviceType.CUDA, index);
    }
}
