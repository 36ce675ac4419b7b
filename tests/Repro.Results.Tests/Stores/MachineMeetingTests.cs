using Repro.Results.Stores;
using Repro.Studies;

namespace Repro.Results.Tests.Stores;

public sealed class MachineMeetingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Place => MachineMeeting.FolderOf(Path.Combine(_folder.Path, "sweeps.db"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_first_is_found_by_all_and_there_is_one()
    {
        Assert.Null(MachineMeeting.Find(Place));
        using var first = MachineMeeting.Begin(Place, new MeetingPorts(12111, 31000));
        Assert.NotNull(first);
        Assert.Null(MachineMeeting.Begin(Place, new MeetingPorts(12112, 31001)));
        Assert.Equal(new MeetingPorts(12111, 31000), MachineMeeting.Find(Place));
    }

    [Fact]
    public void When_it_has_left_another_is_the_first()
    {
        MachineMeeting.Begin(Place, new MeetingPorts(1, 2))!.Dispose();
        Assert.Null(MachineMeeting.Find(Place));
        using var next = MachineMeeting.Begin(Place, new MeetingPorts(3, 4));
        Assert.Equal(new MeetingPorts(3, 4), MachineMeeting.Find(Place));
    }

    [Fact]
    public void What_a_dead_one_has_noted_leads_nobody_to_it()
    {
        Directory.CreateDirectory(Place);
        File.WriteAllText(Path.Combine(Place, "ports.json"), """{"silos":1,"clients":2}""");
        File.WriteAllText(Path.Combine(Place, "lock"), "1 elsewhere\n");
        Assert.Null(MachineMeeting.Find(Place));
        using var next = MachineMeeting.Begin(Place, new MeetingPorts(3, 4));
        Assert.Equal(new MeetingPorts(3, 4), MachineMeeting.Find(Place));
    }

    [Fact]
    public void Clusters_of_two_stores_do_not_meet()
    {
        using var one = MachineMeeting.Begin(Place, new MeetingPorts(1, 2));
        Assert.Null(MachineMeeting.Find(MachineMeeting.FolderOf(Path.Combine(_folder.Path, "other.db"))));
    }

    [Fact]
    public void A_name_is_one_living_silo_s()
    {
        using (MachineMeeting.TakeName(Place, "one"))
        {
            using var other = MachineMeeting.TakeName(Place, "two");
            var refused = Assert.Throws<BadInputException>(() => MachineMeeting.TakeName(Place, "one"));
            Assert.StartsWith($"A silo called one works here already (process {Environment.ProcessId} on {Environment.MachineName}). Give this one a name of its own: --name NAME.", refused.Message, StringComparison.Ordinal);
        }
        using var again = MachineMeeting.TakeName(Place, "one");
    }
}
