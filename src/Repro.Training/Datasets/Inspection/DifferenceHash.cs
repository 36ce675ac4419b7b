namespace Repro.Training.Datasets.Inspection;

/// <summary>
/// The 64-bit difference hash of an image: its grey levels are averaged down to 9 columns and 8 rows, and each bit says whether a cell is brighter
/// than its left neighbour. It survives changes of brightness, contrast and compression, so that nearly equal images differ in few bits.
/// </summary>
internal sealed class DifferenceHash
{
    private const int Columns = 9;
    private const int Rows = 8;

    private readonly ImageShape _shape;
    private readonly (int Index, double Weight)[][] _columns;
    private readonly (int Index, double Weight)[][] _rows;

    internal DifferenceHash(ImageShape shape) => (_shape, _columns, _rows) = (shape, Areas(shape.Width, Columns), Areas(shape.Height, Rows));

    internal ulong Of(ReadOnlySpan<byte> image)
    {
        var plane = _shape.Height * _shape.Width;
        Span<double> cells = stackalloc double[Columns * Rows];
        cells.Clear();
        for (var r = 0; r < Rows; r++)
        {
            foreach (var (y, rowWeight) in _rows[r])
            {
                for (var c = 0; c < Columns; c++)
                {
                    foreach (var (x, columnWeight) in _columns[c])
                        cells[r * Columns + c] += rowWeight * columnWeight * Grey(image, y * _shape.Width + x, plane);
                }
            }
        }
        var hash = 0UL;
        for (var r = 0; r < Rows; r++)
        {
            for (var c = 1; c < Columns; c++) hash = (hash << 1) | (cells[r * Columns + c] > cells[r * Columns + c - 1] ? 1UL : 0);
        }
        return hash;
    }

    // Luma of ITU-R BT.601, in thousandths, so that equal greys are equal numbers.
    private int Grey(ReadOnlySpan<byte> image, int place, int plane) =>
        _shape.Channels == 3 ? 299 * image[place] + 587 * image[plane + place] + 114 * image[2 * plane + place] : 1000 * image[place];

    // Which of the old positions each new one covers, and how much of them.
    private static (int Index, double Weight)[][] Areas(int from, int to) => Enumerable.Range(0, to).Select(i =>
    {
        var (low, high) = ((double)i * from / to, (double)(i + 1) * from / to);
        return Enumerable.Range((int)low, Math.Max(1, (int)Math.Ceiling(high) - (int)low))
            .Select(at => (at, Math.Min(at + 1, high) - Math.Max(at, low)))
            .ToArray();
    }).ToArray();
}
