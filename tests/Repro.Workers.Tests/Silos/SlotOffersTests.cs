using Repro.Studies.Scheduling;
using Repro.Workers.Hosts;
using Repro.Workers.Silos;

namespace Repro.Workers.Tests.Silos;

public sealed class SlotOffersTests
{
    // As nvidia-smi prints them.
    private static readonly string[][] Gpus = [["0", "GPU-aaaa", "143771", "NVIDIA H200"], ["1", "GPU-bbbb", "81920", "NVIDIA A100-SXM4-80GB"]];

    [Fact]
    public void A_slot_offers_its_part_of_its_GPUs_memory_and_says_of_which_kind_the_GPU_is()
    {
        var offers = SlotOffers.Of([Gpu("0", 1), Gpu("1", 0.5), Gpu("GPU-bb", 0.5)], Labels.Parse("host=a"), Gpus, 1 << 30);
        Assert.Equal([143771L << 20, 40960L << 20, 40960L << 20], offers.Select(offer => offer.MemoryBytes));
        Assert.Equal(["gpu=h200", "gpu=a100", "gpu=a100"], offers.Select(offer => offer.Labels.ToString()));
    }

    [Fact]
    public void What_a_person_says_of_the_machines_GPUs_counts() =>
        Assert.Equal(Labels.None, SlotOffers.Of([Gpu("0", 1)], Labels.Parse("gpu=big"), Gpus, 1 << 30)[0].Labels);

    [Fact]
    public void A_slot_on_the_CPU_offers_its_part_of_the_machines_memory() =>
        Assert.All(SlotOffers.Of([new Slot("cpu-0", "cpu", null, 1), new Slot("cpu-1", "cpu", null, 1)], Labels.None, [], 10_000), offer => Assert.Equal((5_000, Labels.None), (offer.MemoryBytes, offer.Labels)));

    [Fact]
    public void A_GPU_that_nobody_knows_offers_memory_that_nobody_knows() =>
        Assert.Equal((0, Labels.None), (SlotOffers.Of([Gpu("7", 1)], Labels.None, Gpus, 1)[0].MemoryBytes, SlotOffers.Of([Gpu("7", 1)], Labels.None, Gpus, 1)[0].Labels));

    [Theory]
    [InlineData("NVIDIA H200", "h200")]
    [InlineData("NVIDIA H100 80GB HBM3", "h100")]
    [InlineData("NVIDIA A100-SXM4-80GB", "a100")]
    [InlineData("Tesla V100-SXM2-16GB", "v100")]
    [InlineData("NVIDIA GeForce RTX 4090", "rtx-4090")]
    [InlineData("NVIDIA L40S", "l40s")]
    [InlineData("NVIDIA GeForce GTX 1080 Ti", "gtx-1080-ti")]
    [InlineData("NVIDIA", null)]
    [InlineData("", null)]
    [InlineData("NVIDIA 4000", null)]
    public void The_kind_of_a_GPU_is_its_name_without_maker_form_and_memory(string name, string? kind) => Assert.Equal(kind, SlotOffers.Kind(name));

    private static Slot Gpu(string gpu, double gpus) => new($"gpu-{gpu}", "cuda", gpu, 1) { Gpus = gpus };
}
