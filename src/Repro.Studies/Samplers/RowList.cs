namespace Repro.Studies.Samplers;

/// <summary>Rows kept in order: places are found in O(log n), and the rest moves as one block of memory.</summary>
internal sealed class RowList
{
    private int[] _rows;

    /// <summary>Takes over rows that are in order.</summary>
    public RowList(params int[] rows) => (_rows, Count) = (rows, rows.Length);

    public int Count { get; private set; }

    public ReadOnlySpan<int> Rows => _rows.AsSpan(0, Count);

    public void Insert(int row, Comparison<int> order)
    {
        if (Count == _rows.Length) Array.Resize(ref _rows, Math.Max(64, 2 * Count));
        var place = Find(row, order);
        Array.Copy(_rows, place, _rows, place + 1, Count - place);
        _rows[place] = row;
        Count++;
    }

    /// <summary>Takes out a row that is there.</summary>
    public void Remove(int row, Comparison<int> order)
    {
        var place = Find(row, order);
        if (place >= Count || _rows[place] != row) throw new InvalidOperationException($"Row {row} is not at its place in the order.");
        Array.Copy(_rows, place + 1, _rows, place, Count - place - 1);
        Count--;
    }

    /// <summary>How many rows come before this one.</summary>
    private int Find(int row, Comparison<int> order)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (order(_rows[middle], row) < 0) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
