using Repro.Shared;
using Repro.Studies.Sweeps;

namespace Repro.Studies.Tests.Sweeps;

/// <summary>
/// The stored format of events, held fast in sweep-events.jsonl, line by line what <see cref="EverySweepEvent"/> has. Stores are full of such lines: a
/// line here is never changed but for a member that is added, and its old form is then among the lines from before.
/// </summary>
public sealed class SweepLogTests
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Sweeps", "sweep-events.jsonl"));

    private static readonly Type[] Kinds = typeof(SweepEvent).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(SweepEvent)) && !type.IsAbstract).ToArray();

    public static TheoryData<int> Numbers { get; } = new(Enumerable.Range(0, EverySweepEvent.All.Count));

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_stored_line_is_read_as_the_event_that_it_was(int number) =>
        Assert.Equal(EverySweepEvent.All[number], SweepLog.Read(Lines[number]), EverySweepEvent.ByMembers);

    [Theory]
    [MemberData(nameof(Numbers))]
    public void An_event_is_written_as_the_line_that_stores_have(int number) =>
        Assert.Equal(Lines[number], SweepLog.Write(EverySweepEvent.All[number]));

    [Fact]
    public void There_is_one_line_for_each_event() => Assert.Equal(EverySweepEvent.All.Count, Lines.Length);

    [Fact]
    public void Every_kind_is_there_with_every_member_set()
    {
        Assert.NotEmpty(Kinds);
        Assert.All(Kinds, kind => Assert.True(
            EverySweepEvent.All.Any(happened => happened.GetType() == kind && EverySweepEvent.Members(kind).All(member => IsSet(member.GetValue(happened)))),
            $"{kind.Name} is missing, or one of its members is nowhere set. Add it to EverySweepEvent and to sweep-events.jsonl."));
    }

    [Fact]
    public void Every_word_that_a_member_can_be_is_there()
    {
        var members = Kinds.SelectMany(EverySweepEvent.Members).Where(member => member.PropertyType.IsEnum).ToList();
        Assert.Equal(3, members.Select(member => member.PropertyType).Distinct().Count());
        Assert.All(members, member => Assert.Equal(
            Enum.GetValues(member.PropertyType).Cast<object>(),
            EverySweepEvent.All.Where(happened => happened.GetType() == member.DeclaringType).Select(member.GetValue).OfType<object>().Distinct().Order()));
    }

    [Theory]
    [InlineData("""{"event":"started","run":"1-0","attempt":1,"host":"h","slot":"s","from":null,"at":"2026-01-02T03:04:05+00:00"}""", "gpus")]
    [InlineData("""{"event":"planned","trial":0,"options":{},"seeds":[0],"origin":"paper","at":"2026-01-02T03:04:05+00:00"}""", "arm")]
    public void A_line_from_before_a_member_was_added_is_read_without_it(string line, string member)
    {
        var read = SweepLog.Read(line);
        Assert.DoesNotContain($"\"{member}\"", line, StringComparison.Ordinal);
        Assert.False(IsSet(EverySweepEvent.Members(read.GetType()).Single(m => m.Name.Equals(member, StringComparison.OrdinalIgnoreCase)).GetValue(read)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"event":"of a later version","at":"2026-01-02T03:04:05+00:00"}""")]
    [InlineData("""{"trial":1,"at":"2026-01-02T03:04:05+00:00"}""")]
    [InlineData("""{"event":"promoted","trial":1}""")]
    [InlineData("""{"event":"promoted","at":"2026-01-02T03:04:05+00:00"}""")]
    [InlineData("""{"event":"completed","run":"1-0","attempt":2,"step":1,"at":"2026-01-02T03:04:05+00:00"}""")]
    [InlineData("""{"event":"pruned","trial":1,"step":2,"why":null,"at":"2026-01-02T03:04:05+00:00"}""")]
    [InlineData("""{"event":"promoted","trial":"one","at":"2026-01-02T03:04:05+00:00"}""")]
    [InlineData("""{"event":"went_back","run":"one","attempt":2,"from":null,"at":"2026-01-02T03:04:05+00:00"}""")]
    [InlineData("""{"event":"went_back","run":1,"attempt":2,"from":null,"at":"2026-01-02T03:04:05+00:00"}""")]
    [InlineData("""{"event":"paused","run":"1-0","attempt":2,"step":1,"why":"lunch","at":"2026-01-02T03:04:05+00:00"}""")]
    [InlineData("""{"event":"planned","trial":0,"options":{"a":1},"seeds":[0],"origin":"paper","at":"2026-01-02T03:04:05+00:00"}""")]
    public void A_line_that_is_no_event_of_this_version_is_a_format_error(string line) => Assert.Throws<FormatException>(() => SweepLog.Read(line));

    private static bool IsSet(object? value) => value switch
    {
        null => false,
        System.Collections.IEnumerable several and not string => several.Cast<object>().Any(),
        Studies.SearchSpaces.Configuration configuration => configuration.Count > 0,
        _ => !value.GetType().IsValueType || !value.Equals(Activator.CreateInstance(value.GetType())),
    };
}
