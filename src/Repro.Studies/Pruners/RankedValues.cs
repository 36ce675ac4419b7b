namespace Repro.Studies.Pruners;

/// <summary>Values of trials in ascending order, equal ones by trial number; found in O(log n), moved as one block of memory.</summary>
internal sealed class RankedValues
{
    private double[] _values = new double[8];
    private int[] _trials = new int[8];

    public int Count { get; private set; }

    public ReadOnlySpan<int> Trials => _trials.AsSpan(0, Count);

    public double this[int rank] => rank < Count ? _values[rank] : throw new ArgumentOutOfRangeException(nameof(rank));

    public void Add(double value, int trial)
    {
        if (Count == _values.Length)
        {
            Array.Resize(ref _values, 2 * Count);
            Array.Resize(ref _trials, 2 * Count);
        }
        var place = CountBefore(value, trial);
        Array.Copy(_values, place, _values, place + 1, Count - place);
        Array.Copy(_trials, place, _trials, place + 1, Count - place);
        (_values[place], _trials[place]) = (value, trial);
        Count++;
    }

    public void Remove(int trial)
    {
        var place = Trials.IndexOf(trial);
        if (place < 0) return;
        Array.Copy(_values, place + 1, _values, place, Count - place - 1);
        Array.Copy(_trials, place + 1, _trials, place, Count - place - 1);
        Count--;
    }

    /// <summary>How many values are smaller.</summary>
    public int CountBelow(double value) => CountBefore(value, int.MinValue);

    /// <summary>The middle value, or the mean of the two in the middle. There must be one.</summary>
    public double Median() => Count % 2 == 1 ? _values[Count / 2] : _values[(Count / 2) - 1] + ((_values[Count / 2] - _values[(Count / 2) - 1]) * 0.5);

    private int CountBefore(double value, int trial)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_values[middle] < value || (_values[middle] == value && _trials[middle] < trial)) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
