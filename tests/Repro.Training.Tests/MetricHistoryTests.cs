using Repro.Studies.Runs;

namespace Repro.Training.Tests;

public class MetricHistoryTests
{
    [Fact]
    public void The_first_point_strictly_below_a_threshold_is_found_and_stays()
    {
        var history = new MetricHistory();
        Assert.Null(history.FirstBelow("train_error", 80));
        foreach (var (step, value) in new[] { (10L, 90.0), (20, double.NaN), (30, 80), (40, 79.9), (50, 95) }) history.Add(new MetricPoint("train_error", step, value, 0));
        Assert.Equal(40, history.FirstBelow("train_error", 80));
        Assert.Null(history.FirstBelow("train_error", 5));
        Assert.Null(history.FirstBelow("test_error", 100));
        Assert.Equal(95, history.Last("train_error"));
        Assert.Null(history.Last("test_error"));
    }

    [Fact]
    public void A_metric_is_measured_once_at_a_step()
    {
        var history = new MetricHistory();
        history.Add(new MetricPoint("a", 5, 1, 0));
        history.Add(new MetricPoint("b", 5, 1, 0));
        Assert.Throws<ArgumentException>(() => history.Add(new MetricPoint("a", 5, 2, 0)));
        Assert.Equal(["a", "b"], history.Points.Select(point => point.Name));
    }
}
