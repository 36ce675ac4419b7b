using FsCheck;
using FsCheck.Fluent;
using Repro.Studies.Scheduling;

namespace Repro.Studies.Tests.Scheduling;

public sealed class DemandTests
{
    [Fact]
    public void Every_demand_is_read_as_it_is_written()
    {
        var word = from length in Gen.Choose(1, 6) from letters in Gen.Elements("abcxyz0_-".ToCharArray()).ArrayOf(length) select "l" + new string(letters);
        var value = from length in Gen.Choose(1, 6) from letters in Gen.Elements("aZ09._-:/".ToCharArray()).ArrayOf(length) select "v" + new string(letters);
        var demands = from gpus in Gen.Elements(0, 1, 0.5, 1.0 / 3, 1e-7, 8) from unit in Gen.Elements(1L, 1L << 10, 1L << 30, 1L << 40) from amount in Gen.Choose(0, 4000)
                      from names in Gen.ListOf(word) from values in Gen.ListOf(value)
                      select new Demand(gpus, unit * amount, Labels.Of(names.Zip(values, KeyValuePair.Create).DistinctBy(label => label.Key).Take(Labels.Most)));
        Check.QuickThrowOnFailure(Prop.ForAll(demands.ToArbitrary(), demand => Demand.Parse(demand.ToString()) == demand));
    }

    [Fact]
    public void A_demand_is_written_in_the_largest_unit_that_is_exact()
    {
        Assert.Equal("gpus=1,memory=20GiB,gpu=h200", Demand.Parse("gpu=h200, memory=20480MiB, gpus=1.0").ToString());
        Assert.Equal(3L << 29, Demand.Parse("memory=1.5GiB").MemoryBytes);
        Assert.Equal("memory=1536MiB", Demand.Parse("memory=1.5gib").ToString());
        Assert.Equal("", Demand.Any.ToString());
        Assert.Equal(Demand.Any, Demand.Parse(""));
    }

    [Theory]
    [InlineData("gpus=h200", "gpu=h200")]
    [InlineData("gpus=-1", "from 0 to")]
    [InlineData("gpus=NaN", "from 0 to")]
    [InlineData("gpus=1,gpus=2", "two values")]
    [InlineData("memory=20GB", "20GiB")]
    [InlineData("memory=much", "as 20GiB")]
    [InlineData("memory=9000000TiB", "as 20GiB")]
    [InlineData("memory=-1", "as 20GiB")]
    [InlineData("mem=20GiB", "memory=20GiB")]
    [InlineData("memroy=20GiB", "memory=20GiB")]
    [InlineData("gpu=2", "gpus=2")]
    [InlineData("h200", "name=value")]
    public void A_demand_that_cannot_be_is_refused_with_what_was_meant(string text, string says) =>
        Assert.Contains(says, Assert.Throws<BadInputException>(() => Demand.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", null)]
    [InlineData("gpus=0.5", null)]
    [InlineData("gpus=0.5,memory=70GiB,gpu=h200", null)]
    [InlineData("gpus=1", "1 GPUs: it has 0.5")]
    [InlineData("memory=71GiB", "71 GiB of memory: it has 70 GiB")]
    [InlineData("gpu=a100", "gpu=a100: it has gpu=h200")]
    [InlineData("rack=1", "rack=1: it has no label rack")]
    public void A_slot_meets_a_demand_or_it_is_said_what_it_lacks(string demand, string? lacks)
    {
        var half = new SlotOffer(0.5, 70L << 30, Labels.Parse("gpu=h200"));
        Assert.Equal(lacks, Demand.Parse(demand).Lacks(half));
        Assert.Equal(lacks is null, Demand.Parse(demand).IsMetBy(half));
    }

    [Fact]
    public void A_run_that_needs_no_gpu_takes_any_slot_and_one_that_does_takes_none_on_the_cpu()
    {
        var cpu = new SlotOffer(0, 4L << 30, Labels.None);
        Assert.True(Demand.Any.IsMetBy(cpu));
        Assert.False(Demand.Parse("gpus=0.1").IsMetBy(cpu));
    }
}
