using Repro.Experiments.TimeSeriesDiffusion;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

/// <summary>Likelihood, gradients and drawn paths beside PyTorch's, series by series and row by row in float64 (<c>tests/peers/deepar_reference.py</c>).</summary>
public sealed class DeeparTests
{
    private static readonly ForecastShape Shape = new(Channels: 2, History: 50, Horizon: 3, Marks: 2, Season: 24);

    [Fact]
    public void The_likelihood_and_its_gradients_are_PyTorchs()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        var (input, future) = PeerNumbers.Windows(2, 50, 3, 2, 2);
        var (loss, _) = model.Loss(input, future, pretraining: false);
        loss.backward();
        var expected = PeerNumbers.Read("deepar");
        PeerNumbers.Close(expected.GetProperty("loss"), PeerNumbers.Values(loss.reshape(1)), 1e-4, "loss");
        PeerNumbers.CloseGradients(expected.GetProperty("gradients"), model, 1e-3);
    }

    [Fact]
    public void Paths_drawn_from_the_same_normal_numbers_are_PyTorchs()
    {
        using var scope = NewDisposeScope();
        using var without = no_grad();
        using var model = Model();
        var (input, _) = PeerNumbers.Windows(2, 50, 3, 2, 2);
        var samples = model.Sample(input, 2, PeerNumbers.Normal());
        Assert.Equal([2, 2, 3, 2], samples.shape);
        PeerNumbers.Close(PeerNumbers.Read("deepar").GetProperty("samples"), PeerNumbers.Values(samples), 1e-3, "samples");
    }

    [Fact]
    public void Lags_that_reach_back_beyond_the_history_are_left_out()
    {
        Assert.Equal([1, 24, 144], new RowLags(168, RowLags.Released).Lags);
        Assert.Equal([1, 24], new RowLags(167, RowLags.Released).Lags);
        Assert.Equal([1], new RowLags(47, RowLags.Released).Lags);
        // No season is one of a single row, which is told already.
        Assert.Equal([1], RowLags.OfCalendar(1));
        Assert.Equal([1, 96], RowLags.OfCalendar(96));
        Assert.Equal((24, 1), (new RowLags(25, [1]).Context, new RowLags(2, [1]).Context));
    }

    [Fact]
    public void A_lagged_value_stands_so_many_rows_before_its_row_and_its_lags_side_by_side()
    {
        using var scope = NewDisposeScope();
        // Row r of channel c is 100 c + r.
        var rows = PeerNumbers.Of([1, 60, 2], i => (100 * (i % 2)) + (i / 2));
        var lagged = new RowLags(50, RowLags.Released).Before(rows, 30, 2);
        Assert.Equal([29, 6, 129, 106, 30, 7, 130, 107], PeerNumbers.Values(lagged));
    }

    // In evaluation, as the reference knows no dropout.
    private static Deepar Model()
    {
        var model = new Deepar(Shape, new InitialValues(0));
        PeerNumbers.SetParameters(model);
        model.eval();
        return model;
    }
}
