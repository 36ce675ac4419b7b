using Repro.Studies.Options;

namespace Repro.Studies.Tests.Options;

public class NearestWordsTests
{
    private static readonly string[] Words = ["batch_size", "depth", "learning_rate", "momentum", "weight_decay", "width"];

    [Theory]
    [InlineData("learning-rate", "learning_rate")]
    [InlineData("learnig_rate", "learning_rate")]
    [InlineData("dept", "depth")]
    [InlineData("dpeth", "depth")]
    [InlineData("DEPTH", "depth")]
    [InlineData("wieght_decay", "weight_decay")]
    [InlineData("momentun", "momentum")]
    [InlineData("batch", "batch_size")]
    public void A_mistyped_word_is_nearest_to_what_was_meant(string typed, string meant)
    {
        Assert.Equal(meant, NearestWords.Order(typed, Words)[0]);
        Assert.Equal(meant, NearestWords.Nearest(typed, Words));
    }

    [Fact]
    public void A_word_far_from_all_has_no_nearest() => Assert.Null(NearestWords.Nearest("zzz", Words));

    [Fact]
    public void Nothing_is_near_where_there_is_nothing()
    {
        Assert.Empty(NearestWords.Order("depth", []));
        Assert.Null(NearestWords.Nearest("depth", []));
    }

    [Fact]
    public void Every_word_stays_in_the_order() => Assert.Equal(Words.Order(StringComparer.Ordinal), NearestWords.Order("x", Words).Order(StringComparer.Ordinal));
}
