using static TorchSharp.torch;

namespace Repro.Torch.Tests;

public class NanWatchTests
{
    [Fact]
    public void A_NaN_made_of_numbers_is_not_in_the_arguments()
    {
        using var negative = tensor(new float[] { 1, -1 });
        Assert.Equal(("aten::log", false), Seen(() => negative.log()));
    }

    [Fact]
    public void A_NaN_that_was_given_is_in_the_arguments()
    {
        using var given = tensor(new[] { 1, float.NaN });
        Assert.Equal(("aten::exp", true), Seen(() => given.exp()));
    }

    [Theory]
    [InlineData(float.NaN, 1f)]
    [InlineData(float.PositiveInfinity, float.NegativeInfinity)]
    public void Of_an_operator_in_place_it_is_not_known_whether_its_first_argument_held_one(float self, float other)
    {
        using var parameter = tensor(new[] { self });
        using var update = tensor(new[] { other });
        Assert.Equal(("aten::add_.Tensor", null), Seen(() => parameter.add_(update)));
    }

    [Fact]
    public void A_NaN_in_another_argument_of_an_operator_in_place_is_seen()
    {
        using var parameter = tensor(new[] { 1f });
        using var update = tensor(new[] { float.NaN });
        Assert.Equal(("aten::add_.Tensor", true), Seen(() => parameter.add_(update)));
    }

    private static (string?, bool?) Seen(Func<Tensor> calculate)
    {
        using var scope = NewDisposeScope();
        using var watch = new NanWatch();
        calculate();
        return (watch.Operator, watch.WasInArguments);
    }
}
