using Repro.Experiments.Ddpm;
using Repro.Experiments.TimeSeriesDiffusion;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

/// <summary>DPM-Solver++ where the differential equation is solved by hand: normal data, whose x_0 given x_t is known exactly.</summary>
public sealed class DpmSolverTests
{
    private const double Mean = 1.5, Deviation = 0.6;

    private static readonly NoiseSchedule Schedule = NoiseSchedule.Cosine(100);

    [Fact]
    public void Noise_is_led_to_the_normal_data_that_the_network_knows()
    {
        // Along a path the number of deviations from the mean, (x - alpha m) / sqrt(alpha^2 s^2 + sigma^2), does not change.
        Assert.True(Error(20) < 0.05, $"In 20 steps: {Error(20)}.");
        Assert.True(Error(500) < 1e-4, $"In 500 steps: {Error(500)}.");
    }

    [Fact]
    public void Twice_as_many_steps_leave_about_a_quarter_of_the_error()
    {
        Assert.InRange(Error(100) / Error(200), 3, 5.5);
        Assert.InRange(Error(200) / Error(400), 3, 5.5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(20)]
    public void Where_the_network_always_sees_the_same_data_any_number_of_steps_is_exact(int steps)
    {
        using var scope = NewDisposeScope();
        var solver = new DpmSolver(Schedule, steps);
        var (first, last) = (solver.Points[0], solver.Points[^1]);
        var noise = tensor(new[] { -2.0, 0.3, 1.0 });
        var solved = solver.Solve(noise, (x, _) => full_like(x, Mean));
        var expected = ((noise - (first.Alpha * Mean)) * (last.Sigma / first.Sigma)) + (last.Alpha * Mean);
        Assert.True(solved.allclose(expected, atol: 1e-9));
        Assert.Equal([-2.0, 0.3, 1.0], noise.data<double>().ToArray());
    }

    [Fact]
    public void The_times_are_those_of_the_released_solver()
    {
        var points = new DpmSolver(Schedule, 20).Points;
        // 99 - 4.95 i, rounded down.
        Assert.Equal([99, 94, 89, 84, 79, 74, 69, 64, 59, 54, 49, 44, 39, 34, 29, 24, 19, 14, 9, 4, 0], points.Select(point => point.Step));
        Assert.Equal(Math.Sqrt(Schedule.AlphaBar(99)), points[0].Alpha, 1e-12);
        Assert.Equal(Math.Sqrt(Schedule.AlphaBar(0)), points[^1].Alpha, 1e-12);
        // 94.05: a twentieth of the way from step 94 to step 95, in logarithms.
        Assert.Equal(Math.Exp((0.95 * Math.Log(Schedule.AlphaBar(94)) / 2) + (0.05 * Math.Log(Schedule.AlphaBar(95)) / 2)), points[1].Alpha, 1e-12);
        Assert.All(points, point => Assert.Equal(1, (point.Alpha * point.Alpha) + (point.Sigma * point.Sigma), 1e-12));
    }

    /// <summary>Largest distance to the exact end of paths that begin at -2 .. 2.</summary>
    private static double Error(int steps)
    {
        using var scope = NewDisposeScope();
        var solver = new DpmSolver(Schedule, steps);
        double Spread(DpmPoint point) => Math.Sqrt(Math.Pow(point.Alpha * Deviation, 2) + Math.Pow(point.Sigma, 2));
        var noise = linspace(-2, 2, 9, dtype: ScalarType.Float64);
        var solved = solver.Solve(noise, (x, point) => Mean + ((x - (point.Alpha * Mean)) * (point.Alpha * Math.Pow(Deviation / Spread(point), 2))));
        var (first, last) = (solver.Points[0], solver.Points[^1]);
        var exact = ((noise - (first.Alpha * Mean)) * (Spread(last) / Spread(first))) + (last.Alpha * Mean);
        return (solved - exact).abs().max().item<double>();
    }
}
