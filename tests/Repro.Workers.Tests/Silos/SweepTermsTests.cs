using Repro.Results.Stores;
using Repro.Studies.Scheduling;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;
using Repro.Workers.Silos;

namespace Repro.Workers.Tests.Silos;

public sealed class SweepTermsTests
{
    private static readonly SweepTerms Full = new()
    {
        Submitted = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero), Priority = -3, Needs = Demand.Parse("gpus=0.5,memory=20GiB,gpu=h200"), Code = "c0de", Engine = "e9", Folder = "one-1a2b3c4d", Objects = "91ace",
        Data = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["cifar10"] = "abc", ["mnist"] = "def" }, CheckpointEvery = TimeSpan.FromSeconds(0.5), Patience = TimeSpan.FromMinutes(7),
    };

    [Fact]
    public void Terms_are_read_back_from_the_tags_that_they_write()
    {
        Same(Full, SweepTerms.Of(Tags(Full)));
        var least = new SweepTerms { Submitted = Full.Submitted };
        Same(least, SweepTerms.Of(Tags(Full, least)));
        Assert.Equal(["cluster.checkpoint_every", "cluster.patience", "cluster.submitted"], Tags(Full, least).Keys.Order());
    }

    [Fact]
    public void Terms_that_are_written_again_are_no_event()
    {
        using var store = new MemoryStore();
        var sweep = new Coordinator(store, "one", FakeHost.Study(), host: null, TimeProvider.System);
        sweep.Decide([decision => decision.Create(7, null), Full.WriteTo]);
        var before = store.Read("one").Count;
        sweep.Decide([Full.WriteTo]);
        Assert.Equal(before, store.Read("one").Count);
    }

    [Fact]
    public void A_sweep_that_was_not_submitted_has_no_terms() =>
        Assert.Contains("not submitted", Assert.Throws<FormatException>(() => SweepTerms.Of(new Dictionary<string, string>())).Message, StringComparison.Ordinal);

    [Fact]
    public void No_person_sets_a_tag_of_the_terms()
    {
        Assert.All(Tags(Full).Keys, tag => Assert.NotNull(SweepTags.Complaint(tag)));
        Assert.Null(SweepTags.Complaint("clusters"));
    }

    private static IReadOnlyDictionary<string, string> Tags(params SweepTerms[] written)
    {
        using var store = new MemoryStore();
        var sweep = new Coordinator(store, "one", FakeHost.Study(), host: null, TimeProvider.System);
        sweep.Decide([decision => decision.Create(7, null)]);
        foreach (var terms in written) sweep.Decide([terms.WriteTo]);
        return sweep.State.Tags;
    }

    private static void Same(SweepTerms expected, SweepTerms read)
    {
        Assert.Equal((expected.Submitted, expected.Priority, expected.Needs.ToString(), expected.Code, expected.Engine, expected.Folder, expected.Objects), (read.Submitted, read.Priority, read.Needs.ToString(), read.Code, read.Engine, read.Folder, read.Objects));
        Assert.Equal((expected.CheckpointEvery, expected.Patience), (read.CheckpointEvery, read.Patience));
        Assert.Equal(expected.Data, read.Data);
    }
}
