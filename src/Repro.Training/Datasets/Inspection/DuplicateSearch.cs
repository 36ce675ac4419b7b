using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Repro.Training.Datasets.Inspection;

/// <summary>
/// Finds equal and nearly equal images over all splits. Equal ones are found by digest; then the hashes of all different images of
/// similar brightness are compared each with each, which misses none, and those that are close are compared pixel by pixel.
/// </summary>
internal sealed class DuplicateSearch(ImageDataset dataset, NearDuplicateRule rule, IProgress<InspectionProgress>? progress, CancellationToken stop)
{
    /// <summary>Most near pairs that are kept; further ones are counted.</summary>
    internal const int MostPairs = 200_000;

    // All examples of all splits, one after the other.
    private readonly (ImageSplit Split, int Example)[] _all =
        dataset.Splits.SelectMany(split => Enumerable.Range(0, split.Count).Select(example => (split, example))).ToArray();

    internal DuplicateFindings Run()
    {
        var groups = EqualImages();
        var (pairs, found) = NearPairs(groups.Select(group => group[0]).ToArray());
        pairs.Sort((a, b) => (a.Square, a.First, a.Second).CompareTo((b.Square, b.First, b.Second)));

        var exact = groups.Where(group => group.Length > 1).Select(group => new ExactGroup(
                group.Select(Name).ToList(),
                group.Select(i => Label(i)).Distinct().Count() > 1,
                group.Select(i => _all[i].Split.Name).Distinct().Count() > 1))
            .OrderByDescending(group => group.AcrossSplits).ThenByDescending(group => group.Members.Count).ToList();
        var near = pairs.Select(pair => new NearPair(
            Name(pair.First), Name(pair.Second), pair.Bits, Math.Sqrt((double)pair.Square / dataset.Shape.Size), Label(pair.First) != Label(pair.Second))).ToList();
        return new DuplicateFindings(exact, near, found, Counts(exact, near), InTrain(groups, pairs));
    }

    private ReadOnlySpan<byte> Image(int i) => _all[i].Split.Image(_all[i].Example);

    private byte Label(int i) => _all[i].Split.Labels[_all[i].Example];

    private ExampleName Name(int i) => DatasetInspector.Name(dataset, _all[i].Split, _all[i].Example);

    // Groups of equal images, in the order of their first; most have one member.
    private List<int[]> EqualImages()
    {
        var digests = new UInt128[_all.Length];
        ParallelLoop.For(_all.Length, i => digests[i] = BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Image(i))));
        return Enumerable.Range(0, _all.Length).GroupBy(i => digests[i]).Select(group => group.ToArray()).ToList();
    }

    private (List<Pair> Pairs, long Found) NearPairs(int[] images)
    {
        var hasher = new DifferenceHash(dataset.Shape);
        var looks = new Look[images.Length];
        ParallelLoop.For(images.Length, i =>
        {
            var moments = ImageMoments.Of(dataset.Shape, Image(images[i]));
            looks[i] = new Look(moments.Sum, moments.Contrast, hasher.Of(Image(images[i])));
        });
        // The root mean square difference is at least the difference of the means: in order of brightness only a stretch can be near.
        Array.Sort(looks, images, Comparer<Look>.Create((a, b) => a.Sum.CompareTo(b.Sum)));
        var (sums, hashes) = (looks.Select(look => look.Sum).ToArray(), looks.Select(look => look.Hash).ToArray());
        var reach = (long)(rule.RootMeanSquare * dataset.Shape.Size);

        var (pairs, found, done) = (new List<Pair>(), 0L, 0);
        // Blocks of rows, so that progress moves and a request to stop is heard.
        const int Rows = 128;
        var blocks = (images.Length + Rows - 1) / Rows;
        ParallelLoop.ForEach(blocks, block =>
        {
            stop.ThrowIfCancellationRequested();
            var near = new List<Pair>();
            for (var i = block * Rows; i < Math.Min(images.Length, (block + 1) * Rows); i++)
            {
                for (var j = i + 1; j < hashes.Length && sums[j] - sums[i] <= reach; j++)
                {
                    var bits = BitOperations.PopCount(hashes[i] ^ hashes[j]);
                    if (bits > rule.HashDistance) continue;
                    var limit = rule.LargestSquare(looks[i].Contrast, looks[j].Contrast, dataset.Shape.Size);
                    var square = NearDuplicateRule.SquaredDistance(Image(images[i]), Image(images[j]), limit);
                    if (square <= limit) near.Add(new Pair(Math.Min(images[i], images[j]), Math.Max(images[i], images[j]), bits, square));
                }
            }
            lock (pairs)
            {
                found += near.Count;
                pairs.AddRange(near.Take(MostPairs - pairs.Count));
                progress?.Report(new InspectionProgress("near duplicates", (double)++done / blocks));
            }
        });
        return (pairs, found);
    }

    private List<DuplicateCounts> Counts(List<ExactGroup> exact, List<NearPair> near)
    {
        var places = dataset.Splits.Select(split => split.Name).Append(string.Join("+", dataset.Splits.Select(split => split.Name)));
        string PlaceOf(IEnumerable<ExampleName> members) => string.Join("+", dataset.Splits.Select(split => split.Name).Where(name => members.Any(member => member.Split == name)));
        var (byGroup, byPair) = (exact.ToLookup(group => PlaceOf(group.Members)), near.ToLookup(pair => PlaceOf([pair.First, pair.Second])));
        return places.Select(place => new DuplicateCounts(
            place, byGroup[place].Count(), byGroup[place].Count(group => group.LabelConflict),
            byPair[place].Count(), byPair[place].Count(pair => pair.LabelConflict))).ToList();
    }

    private int InTrain(List<int[]> groups, List<Pair> pairs)
    {
        var groupOf = groups.ToDictionary(group => group[0]);
        bool In(int i, string split) => _all[i].Split.Name == split;
        var twins = groups.Where(group => group.Any(i => In(i, "train"))).SelectMany(group => group.Where(i => In(i, "test"))).ToHashSet();
        foreach (var (a, b) in pairs.SelectMany(pair => new[] { (pair.First, pair.Second), (pair.Second, pair.First) }))
        {
            if (groupOf[a].Any(i => In(i, "train"))) twins.UnionWith(groupOf[b].Where(i => In(i, "test")));
        }
        return twins.Count;
    }

    // What is known of an image without comparing its pixels.
    private readonly record struct Look(long Sum, double Contrast, ulong Hash);

    private readonly record struct Pair(int First, int Second, int Bits, long Square);
}
