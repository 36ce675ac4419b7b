using Repro.Studies.Randomness;

namespace Repro.Studies.Tests.Randomness;

public class PhiloxTests
{
    // Random123, tests/kat_vectors, the lines of philox4x32 with 10 rounds: counter, key, expected.
    [Theory]
    [InlineData("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8")]
    [InlineData("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd")]
    [InlineData("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1")]
    public void A_block_is_that_of_the_published_known_answers(string counter, string key, string expected)
    {
        var (c, k, e) = (Words(counter), Words(key), Words(expected));
        Assert.Equal((e[0], e[1], e[2], e[3]), Philox.Block(c[0], c[1], c[2], c[3], k[0], k[1]));
    }

    [Fact]
    public void Numbers_come_from_consecutive_blocks_of_seed_stream_and_index()
    {
        var numbers = new Philox(0x1122334455667788, RandomPurpose.Order, 0x0000000A_0000000B);
        for (uint block = 0; block < 3; block++)
        {
            var (r0, r1, r2, r3) = Philox.Block(block, 0xB, 0xA, (uint)RandomPurpose.Order, 0x55667788, 0x11223344);
            Assert.Equal([r0, r1, r2, r3], [numbers.NextUInt32(), numbers.NextUInt32(), numbers.NextUInt32(), numbers.NextUInt32()]);
        }
    }

    [Fact]
    public void Streams_indices_and_seeds_give_different_numbers()
    {
        var first = new HashSet<ulong>();
        foreach (var purpose in Enum.GetValues<RandomPurpose>())
        {
            for (ulong seed = 0; seed < 10; seed++)
            {
                for (var index = -5; index < 5; index++) Assert.True(first.Add(new Philox(seed, purpose, index).NextUInt64()));
            }
        }
    }

    [Fact]
    public void A_copy_continues_as_the_original_does()
    {
        var original = new Philox(7, RandomPurpose.Augmentation, 3);
        for (var i = 0; i < 5; i++) original.NextUInt32();
        var copy = original;
        Assert.Equal(Enumerable.Range(0, 9).Select(_ => original.NextUInt32()).ToList(), Enumerable.Range(0, 9).Select(_ => copy.NextUInt32()).ToList());
    }

    [Fact]
    public void Doubles_fill_zero_to_one_evenly()
    {
        var numbers = new Philox(1, RandomPurpose.GeneratedData);
        var counts = new int[20];
        for (var i = 0; i < 100_000; i++)
        {
            var value = numbers.NextDouble();
            Assert.InRange(value, 0, 1 - 1e-16);
            counts[(int)(value * 20)]++;
        }
        Assert.InRange(ChiSquare(counts, 5_000), 0, 43.8); // 99.9% of chi-square with 19 degrees of freedom
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Integers_below_a_bound_are_even(int bound)
    {
        var numbers = new Philox(2, RandomPurpose.Checks, bound);
        var counts = new int[bound];
        for (var i = 0; i < 1000 * bound; i++) counts[numbers.NextInt32(bound)]++;
        // Mean k-1 and variance 2(k-1): four standard deviations.
        Assert.InRange(ChiSquare(counts, 1000), 0, bound - 1 + 4 * Math.Sqrt(2.0 * bound));
    }

    [Fact]
    public void A_bound_near_the_largest_integer_has_no_modulo_bias()
    {
        // With a plain modulo of 32 bits, values below 2^32 - 2 * bound would come up three times for every two of the others.
        const int bound = (int)(uint.MaxValue / 5 * 2);
        const double edge = (1L << 32) - 2L * bound;
        var numbers = new Philox(3, RandomPurpose.Checks);
        var low = 0;
        for (var i = 0; i < 100_000; i++) low += numbers.NextInt32(bound) < edge ? 1 : 0;
        Assert.InRange(low / 100_000.0, edge / bound - 0.008, edge / bound + 0.008);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_bound_that_leaves_no_value_is_refused(int bound) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Philox(0, RandomPurpose.Checks).NextInt32(bound));

    [Fact]
    public void Normal_numbers_have_the_moments_of_the_standard_normal()
    {
        var numbers = new Philox(4, RandomPurpose.Initialization);
        const int count = 200_000;
        double sum = 0, squares = 0, fourths = 0, beyond = 0;
        for (var i = 0; i < count; i++)
        {
            var value = numbers.NextNormal();
            sum += value;
            squares += value * value;
            fourths += Math.Pow(value, 4);
            beyond += Math.Abs(value) > 1.959964 ? 1 : 0;
        }
        Assert.InRange(sum / count, -0.01, 0.01);
        Assert.InRange(squares / count, 0.985, 1.015);
        Assert.InRange(fourths / count, 2.9, 3.1);
        Assert.InRange(beyond / count, 0.048, 0.052);
    }

    [Fact]
    public void A_permutation_has_every_number_once_and_every_order_is_as_likely()
    {
        var orders = new Dictionary<string, int>();
        for (var i = 0; i < 6000; i++)
        {
            var order = new Philox(5, RandomPurpose.Order, i).Permutation(3);
            Assert.Equal([0, 1, 2], order.Order());
            var key = string.Join(',', order);
            orders[key] = orders.GetValueOrDefault(key) + 1;
        }
        Assert.Equal(6, orders.Count);
        Assert.InRange(ChiSquare(orders.Values, 1000), 0, 20.5); // 99.9% with 5 degrees of freedom
    }

    [Fact]
    public void The_permutation_of_nothing_is_empty() => Assert.Empty(new Philox(6, RandomPurpose.Order).Permutation(0));

    private static uint[] Words(string text) => Array.ConvertAll(text.Split(' '), word => Convert.ToUInt32(word, 16));

    private static double ChiSquare(IEnumerable<int> counts, double expected) => counts.Sum(c => (c - expected) * (c - expected) / expected);
}
