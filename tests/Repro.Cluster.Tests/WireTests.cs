using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Repro.Cluster.Grains;
using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;
using Repro.Workers.Protocol;
using Repro.Workers.Silos;

namespace Repro.Cluster.Tests;

public class WireTests
{
    /// <summary>Whatever a grain takes or answers as a message of ours.</summary>
    public static TheoryData<Type> Messages => new(((Type[])[typeof(IQueueGrain), typeof(ISweepGrain), typeof(IRunGrain)]).SelectMany(grain => grain.GetMethods())
        .SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType))
        .SelectMany(Parts).Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Wire<>)).Select(type => type.GetGenericArguments()[0]).Distinct());

    [Theory]
    [MemberData(nameof(Messages))]
    public void Every_message_of_a_grain_has_its_rules(Type message) =>
        Assert.NotNull(typeof(Wire<>).MakeGenericType(message).GetProperty(nameof(Wire<int>.TypeInfo), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!.GetValue(null));

    [Fact]
    public void A_failure_of_the_store_arrives_with_the_databases_own_inside()
    {
        var services = new ServiceCollection();
        services.AddSerializer();
        ClusterAddress.AllowOwnTypes(services);
        using var provider = services.BuildServiceProvider();
        var serializer = provider.GetRequiredService<Serializer>();
        Exception[] inner = [new Npgsql.PostgresException("terminating connection", "FATAL", "FATAL", "57P01"), new Npgsql.NpgsqlException("Exception while reading from stream", new IOException("gone")), new Microsoft.Data.Sqlite.SqliteException("disk I/O error", 10)];
        foreach (var cause in inner)
        {
            var back = serializer.Deserialize<Exception>(serializer.SerializeToArray<Exception>(new Repro.Results.Runs.StorageException("The store is away.", cause)));
            Assert.Equal("The store is away.", Assert.IsType<Repro.Results.Runs.StorageException>(back).Message);
            Assert.True(Patience.IsPassing(back));
            var bare = serializer.Deserialize<Exception>(serializer.SerializeToArray<Exception>(cause));
            Assert.True(Patience.IsPassing(bare), bare.GetType().FullName);
        }
    }

    [Fact]
    public void Numbers_that_are_none_travel_as_what_they_are()
    {
        var run = new RunKey(12, 0);
        var report = new RunReport(run, 3, [new MetricPoint("loss", 1, double.NaN, 0.5), new MetricPoint("loss", 2, double.NegativeInfinity, 1), new MetricPoint("loss", 3, 0.1 + 0.2, 1)], [new CheckpointRecorded(run, 3, 400, "x", "00", long.MaxValue) { At = DateTimeOffset.UnixEpoch }]);
        var back = Wire.Of(report).Value;
        Assert.Equal((report.Run, report.Attempt), (back.Run, back.Attempt));
        Assert.Equal(report.Points, back.Points);
        Assert.Equal(report.Checkpoints, back.Checkpoints);
    }

    [Fact]
    public void What_a_worker_says_keeps_its_kind()
    {
        Wire<WorkerMessage> completed = new CompletedMessage(10, new Dictionary<string, double> { ["loss"] = double.PositiveInfinity });
        Wire<WorkerMessage> failed = new FailedMessage(FailureClass.NotFinite, "The loss became NaN.");
        Assert.Equal(double.PositiveInfinity, Assert.IsType<CompletedMessage>(completed.Value).Scores["loss"]);
        Assert.Equal(new FailedMessage(FailureClass.NotFinite, "The loss became NaN."), failed.Value);
    }

    [Fact]
    public void An_order_keeps_its_configuration_and_its_seed()
    {
        var next = new NextRun(new Assignment(new RunKey(1, 2), 3, Configuration.Parse("learning_rate=0.1,optimizer=adam"), ulong.MaxValue, ReadsTest: true, []), Over: false);
        var back = Wire.Of(next).Value.Run!;
        Assert.Equal((new RunKey(1, 2), 3, ulong.MaxValue, true), (back.Run, back.Attempt, back.Seed, back.ReadsTest));
        Assert.Equal(next.Run!.Configuration, back.Configuration);
        Assert.Null(Wire.Of(NextRun.None).Value.Run);
    }

    [Fact]
    public void Orleans_carries_it_as_it_is()
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        var loan = Wire.Of(new Loan("lr-search", "experiment: fake", new Dictionary<string, string> { ["cluster.needs"] = "gpus=1" }, 7));
        var back = serializer.Deserialize<Wire<Loan>>(serializer.SerializeToArray(loan));
        Assert.Equal(loan, back);
        Assert.Equal((loan.Value, 7), (back.Value, back.Value.AsOf));
    }

    private static IEnumerable<Type> Parts(Type type) => type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type) : [type];
}
