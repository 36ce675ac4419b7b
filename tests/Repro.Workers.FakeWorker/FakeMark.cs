namespace Repro.Workers.FakeWorker;

/// <summary>
/// What an attempt leaves on every value that it reports, where its study says <c>marks=1</c>: whose the value is. Losses say nothing of that; every attempt at
/// a run has the same.
/// </summary>
/// <param name="Process">Of the worker; below 2^22, as on Linux.</param>
public readonly record struct FakeMark(int Attempt, int Process)
{
    public const string Metric = "mark";

    private const int Processes = 1 << 22;

    public double Value => ((double)Attempt * Processes) + Process;

    public static FakeMark Of(double value) => new((int)(value / Processes), (int)(value % Processes));
}
