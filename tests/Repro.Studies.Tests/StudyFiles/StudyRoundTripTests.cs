using System.Collections;
using FsCheck;
using FsCheck.Fluent;
using Repro.Studies.Pruners;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.SearchSpaces.Expressions;
using Repro.Studies.StudyFiles;
using Repro.Studies.Sweeps;

namespace Repro.Studies.Tests.StudyFiles;

public class StudyRoundTripTests
{
    private static readonly string[] Texts = ["a", "b c", "1..2", "x: y", "# z", "it's", "\"q\"", "x,y", "", " ", "=", "{", "[1]", "- a", "null", "true", "1e3", "~", "\\", "\n", "\t", "é", "日本", "😀", "\u0085\u2028", "%", "@", "&a", "*a", "!t", "|", ">"];

    [Fact]
    public void A_study_that_is_written_and_read_is_the_same_in_every_member()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(400), Prop.ForAll(Studies().ToArbitrary(), study =>
        {
            var read = StudyFile.Read(study.Text, "the store", subjects: null);
            Same(study, read, "study");
            return read.Text == study.Text && read.Equals(study);
        }));
    }

    [Theory]
    [InlineData(1, "1s")]
    [InlineData(5400, "1h30m")]
    [InlineData(7200, "2h")]
    [InlineData(90061, "1d1h1m1s")]
    public void Times_are_written_as_they_are_read(int seconds, string text)
    {
        Assert.Equal(text, DurationText.Write(TimeSpan.FromSeconds(seconds)));
        Assert.Equal(TimeSpan.FromSeconds(seconds), DurationText.Read(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2")]
    [InlineData("h")]
    [InlineData("1m1h")]
    [InlineData("-1h")]
    [InlineData("1.5h")]
    [InlineData("2h ")]
    [InlineData("0s")]
    [InlineData("1001d")]
    [InlineData("999999999999h")]
    public void What_is_no_time_is_refused(string text) => Assert.Null(DurationText.Read(text));

    private static Gen<Study> Studies() =>
        from space in Spaces()
        from still in Settings("f")
        from numbers in Gen.Choose(0, 1000).ArrayOf(9)
        from texts in Gen.Elements(Texts).ArrayOf(3)
        from sampler in Gen.Elements(SamplerCatalog.Names.ToArray())
        from pruner in Gen.Elements(PrunerCatalog.Names.Where(name => name != "successive_halving").ToArray())
        from direction in Gen.Elements(ObjectiveDirection.Minimize, ObjectiveDirection.Maximize)
        from ablation in Gen.Elements(false, true)
        from arms in Settings("g").Where(s => s.Count > 0).NonEmptyListOf()
        select Of(space, still, numbers, texts, sampler, pruner, direction, ablation, [.. arms.DistinctBy(a => a.ToString())]);

    private static Study Of(SearchSpace space, Configuration still, int[] n, string[] texts, string sampler, string pruner, ObjectiveDirection direction, bool ablation, List<Configuration> arms)
    {
        if (ablation) space = new SearchSpace([.. space.Parameters.Select(p => p with { Role = HyperparameterRole.Nuisance })]);
        return new Study
        {
            Experiment = "net", Profile = "sweep", Space = space, Fixed = still, Sampler = sampler, Pruner = ablation ? "none" : pruner,
            Rungs = n[0] % 2 == 0 ? (1, long.MaxValue) : (1 + (n[0] % 3), 81 + n[1]), Eta = n[2] % 2 == 0 ? null : 2 + (n[2] % 5),
            Objective = new Objective("validation_error", direction), Trials = ablation ? 0 : 1 + n[3], TrialsPerArm = ablation && space.Parameters.Count > 0 ? 1 + n[3] : 0,
            WallTime = n[4] % 2 == 0 ? null : TimeSpan.FromSeconds(n[4] * 997), GpuHours = n[5] % 2 == 0 ? null : (n[5] + 1) / 7.0, Seeds = 1 + n[6],
            Retries = new RetryLimits(n[7] % 3, n[8] % 3, n[7] % 4, n[8] % 5), Notes = texts[0].Trim().Length > 0 ? "n " + texts[0].Trim() : "",
            Tags = texts.Index().ToDictionary(t => $"tag-{t.Index}", t => t.Item),
            Arms = ablation ? [.. arms.Select((changes, i) => new AblationArm($"arm-{i}", ("Because " + texts[1]).Trim(), changes))] : [],
        };
    }

    private static Gen<SearchSpace> Spaces() =>
        from count in Gen.Choose(0, 5)
        from parameters in Parameters().ListOf(count)
        from roles in Gen.Elements(HyperparameterRole.Scientific, HyperparameterRole.Nuisance).ListOf(5)
        from conditional in Gen.Elements(false, true)
        from constrained in Gen.Elements(false, true)
        select Space([.. parameters.Select((p, i) => p with { Name = $"p{i}", Role = roles[i] })], conditional, constrained);

    // What follows a choice is part of a configuration for its first value only.
    private static SearchSpace Space(List<Hyperparameter> parameters, bool conditional, bool constrained)
    {
        for (var i = 1; conditional && i < parameters.Count; i++)
        {
            if (parameters[i - 1] is Categorical choice) parameters[i] = parameters[i] with { Condition = new ActiveWhen(choice.Name, [choice.Values[0]]) };
        }
        return new SearchSpace(parameters, constrained && parameters.Count > 1 ? ["p0 != p1 or p1 = 'it: s #'", "not p0 = 3"] : []);
    }

    private static Gen<Hyperparameter> Parameters() => Gen.OneOf(
        from low in Gen.Choose(-1000, 1000) from width in Gen.Choose(0, 1000) from step in Gen.Choose(0, 10)
        select (Hyperparameter)new FloatRange("p", low / 7.0, (low + width) / 7.0, Step: step == 0 ? null : step / 3.0),
        from low in Gen.Choose(1, 1000) from width in Gen.Choose(0, 1000) select (Hyperparameter)new FloatRange("p", low * 1e-9, (low + width) * 1e5, Logarithmic: true),
        from low in Gen.Choose(1, 1000) from width in Gen.Choose(0, 1000) from log in Gen.Elements(true, false)
        select (Hyperparameter)new IntRange("p", low, low + width, log, log ? 1 : 3),
        from values in Gen.Elements(Texts).NonEmptyListOf() select (Hyperparameter)new Categorical("p", [.. values.Append("always").Append("never").Distinct()]));

    private static Gen<Configuration> Settings(string prefix) =>
        from values in Gen.Elements(Texts).ListOf()
        select Configuration.Of(values.Take(4).Select((value, i) => KeyValuePair.Create($"{prefix}{i}", value)));

    /// <summary>Member by member, so that one which the file forgets is found.</summary>
    private static void Same(object? a, object? b, string where)
    {
        if (a is null || b is null || a is string || a.GetType().IsValueType || a is Configuration)
        {
            Assert.True(Equals(a, b), $"{where}: {a} became {b}");
            return;
        }
        Assert.Equal(a.GetType().Name.Split('`')[0] is "Dictionary" ? "Dictionary`2" : "", b.GetType().Name == "Dictionary`2" ? "Dictionary`2" : "");
        if (a is Expression one && b is Expression other)
        {
            Assert.Equal(one.Text, other.Text);
            return;
        }
        if (a is IEnumerable some && b is IEnumerable others)
        {
            var (left, right) = (some.Cast<object>().ToList(), others.Cast<object>().ToList());
            Assert.True(left.Count == right.Count, $"{where}: {left.Count} entries became {right.Count}");
            for (var i = 0; i < left.Count; i++) Same(left[i], right[i], $"{where}[{i}]");
            return;
        }
        Assert.Equal(a.GetType(), b.GetType());
        foreach (var property in a.GetType().GetProperties().Where(p => p.Name is not ("Text" or "Order" or "EqualityContract")))
            Same(property.GetValue(a), property.GetValue(b), $"{where}.{property.Name}");
    }
}
