using System.Globalization;
using Repro.Studies.Options;

namespace Repro.Studies.Tests.Options;

public class OptionTextTests
{
    [Theory]
    [InlineData("LearningRate", "learning_rate")]
    [InlineData("Depth", "depth")]
    [InlineData("EmaDecay", "ema_decay")]
    [InlineData("SGDMomentum", "sgd_momentum")]
    [InlineData("UseEMA", "use_ema")]
    [InlineData("ResNet110", "res_net110")]
    [InlineData("Layer2Norm", "layer2_norm")]
    [InlineData("A", "a")]
    [InlineData("", "")]
    public void Names_become_snake_case(string name, string expected) => Assert.Equal(expected, OptionText.SnakeCase(name));

    [Theory]
    [InlineData(0.1)]
    [InlineData(1e-5)]
    [InlineData(1.0 / 3)]
    [InlineData(-0.0)]
    [InlineData(double.MaxValue)]
    [InlineData(double.Epsilon)]
    public void A_number_reads_back_as_the_same_bits(double value)
    {
        Assert.True(OptionText.TryRead(OptionText.Write(value), typeof(double), out var back));
        Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits((double)back!));
    }

    [Fact]
    public void Every_kind_of_value_reads_back()
    {
        foreach (var value in (object[])[true, false, 42, -7, long.MaxValue, "a text", Shortcut.ZeroPadded, Shortcut.Projection])
        {
            Assert.True(OptionText.TryRead(OptionText.Write(value), value.GetType(), out var back));
            Assert.Equal(value, back);
        }
    }

    [Fact]
    public void The_decimal_sign_is_a_point_whatever_the_machine_speaks()
    {
        var before = CultureInfo.CurrentCulture;
        var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        commas.NumberFormat.NumberDecimalSeparator = ",";
        try
        {
            CultureInfo.CurrentCulture = commas;
            Assert.Equal("0.5", OptionText.Write(0.5));
            Assert.True(OptionText.TryRead("0.5", typeof(double), out var value));
            Assert.Equal(0.5, value);
            Assert.False(OptionText.TryRead("0,5", typeof(double), out _));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("1.5", typeof(int))]
    [InlineData("3000000000", typeof(int))]
    [InlineData("yes", typeof(bool))]
    [InlineData("", typeof(double))]
    [InlineData("0x10", typeof(int))]
    [InlineData("ZeroPadded", typeof(Shortcut))]
    [InlineData("0", typeof(Shortcut))]
    public void What_is_no_value_of_the_type_is_not_read(string text, Type type) => Assert.False(OptionText.TryRead(text, type, out _));

    private enum Shortcut
    {
        ZeroPadded,
        Projection,
    }
}
