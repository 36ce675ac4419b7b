namespace Repro.Reports.Claims;

/// <summary>What a forecaster lost on each window of a series.</summary>
/// <param name="Starts">The first forecast row of each window, ascending.</param>
/// <param name="Losses">One a window.</param>
/// <param name="Horizon">Rows that a window forecasts.</param>
public sealed record WindowLosses(IReadOnlyList<int> Starts, IReadOnlyList<double> Losses, int Horizon);
