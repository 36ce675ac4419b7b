using Repro.Studies;

namespace Repro.Training.Tests;

public class DevicesTests
{
    [Fact]
    public void The_cpu_is_always_there() => Assert.Equal(TorchSharp.DeviceType.CPU, Devices.Select("cpu").type);

    [Theory]
    [InlineData("CPU")]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda: 1")]
    [InlineData("cuda0")]
    public void Another_word_for_a_device_is_refused(string name) =>
        Assert.Contains($"'{name}'", Assert.Throws<BadInputException>(() => Devices.Select(name)).Message);

    [Fact]
    public void A_gpu_that_is_not_there_is_named_with_what_to_do()
    {
        var message = Assert.Throws<MissingComponentException>(() => Devices.Select("cuda:99")).Message;
        Assert.Contains("'cuda:99'", message);
        Assert.Contains("'--device cpu'", message);
    }
}
