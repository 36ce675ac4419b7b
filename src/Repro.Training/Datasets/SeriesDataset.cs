namespace Repro.Training.Datasets;

/// <summary>A data set of series, divided in the order of time: train, then validation, then test.</summary>
/// <param name="Table">Of which rows beyond the division are not used.</param>
public sealed record SeriesDataset(string Name, string Folder, SeriesTable Table, SeriesDivision Division, IReadOnlyList<FileChecksum> Files) : Dataset(Name, Folder, Files)
{
    public override string Identity => RecordDigests.Combine("repro-series-1", Parts.Select(split => (split.Name, split.Identity!)));

    /// <summary>That of <see cref="SeriesDataset.Identity"/>: time has one order.</summary>
    public override string FileOrderHash => Identity;

    public override IReadOnlyList<RegisteredSplit> Parts =>
    [
        .. from split in new[] { Training.Splits.Train, Training.Splits.Validation, Training.Splits.Test }
           let rows = Division[split]
           select new RegisteredSplit(split, rows.Count, Table.Identity(rows.First, rows.Count)),
    ];

    /// <summary>The channels' values at all rows up to the end of a split, which later windows look back into: row by row.</summary>
    /// <exception cref="SealedTestException">It is the test split, and sealed.</exception>
    public ReadOnlySpan<double> Until(string split)
    {
        RequireOpen(split);
        var (first, count) = Division[split];
        return Table.Values.AsSpan(0, (first + count) * Table.Channels.Count);
    }
}

/// <summary>Rows of each split, one behind the other from the first row on.</summary>
public sealed record SeriesDivision(int Train, int Validation, int Test)
{
    /// <summary>The first row of a split, and how many it has.</summary>
    public (int First, int Count) this[string split] => split switch
    {
        Training.Splits.Train => (0, Train),
        Training.Splits.Validation => (Train, Validation),
        Training.Splits.Test => (Train + Validation, Test),
        _ => throw new ArgumentOutOfRangeException(nameof(split), split, "No such split."),
    };

    /// <summary>12, 4 and 4 months of 30 days, as ETT is divided since Zhou et al. 2021 (Informer).</summary>
    /// <param name="rowsADay">24 of hourly data.</param>
    public static SeriesDivision Months(int rowsADay) => new(12 * 30 * rowsADay, 4 * 30 * rowsADay, 4 * 30 * rowsADay);

    /// <summary>The first seven tenths, a tenth, and the last two, as the other data sets of Lai et al. 2018 and their followers are divided; shares of rows are rounded down, and validation takes what is left.</summary>
    public static SeriesDivision Tenths(int rows) => new((int)(rows * 0.7), rows - (int)(rows * 0.7) - (int)(rows * 0.2), (int)(rows * 0.2));
}
