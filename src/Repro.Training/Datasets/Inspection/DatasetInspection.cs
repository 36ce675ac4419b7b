namespace Repro.Training.Datasets.Inspection;

/// <summary>What looking at all of a data set found; plain values, for tables and JSON alike.</summary>
/// <param name="Rules">The rules by which outliers, duplicates and shown examples were chosen, each a sentence.</param>
public sealed record DatasetInspection(
    string Name, string Folder, string Identity, string Shape, IReadOnlyList<SplitInspection> Splits, DuplicateFindings Duplicates, IReadOnlyList<string> Rules);

/// <param name="Min">Smallest byte of all.</param>
/// <param name="Max">Largest byte of all.</param>
/// <param name="OutlierCount">Images beyond the rule's threshold; <paramref name="Outliers"/> lists the most extreme.</param>
public sealed record SplitInspection(
    string Name, int Count, IReadOnlyList<ClassCount> Classes, int Min, int Max, IReadOnlyList<ChannelStatistics> Channels, int OutlierCount,
    IReadOnlyList<ImageOutlier> Outliers);

/// <param name="Share">Of the split, 0 to 1.</param>
public sealed record ClassCount(string Class, int Count, double Share);

/// <param name="Mean">Over all images and places, 0 to 255.</param>
/// <param name="Deviation">Standard deviation, on the same scale.</param>
public sealed record ChannelStatistics(int Channel, double Mean, double Deviation);

/// <param name="Brightness">Mean over the image's bytes.</param>
/// <param name="Contrast">Standard deviation of the image's bytes around the mean of their channel.</param>
/// <param name="BrightnessZ">Brightness in standard deviations from the split's mean brightness.</param>
/// <param name="ContrastZ">Contrast in standard deviations from the split's mean contrast.</param>
public sealed record ImageOutlier(ExampleName Example, double Brightness, double Contrast, double BrightnessZ, double ContrastZ);

/// <summary>Names one example, for people and JSON.</summary>
/// <param name="Number">In canonical order.</param>
/// <param name="FilePosition">In the files as they lie here, counted through the split from 0.</param>
public sealed record ExampleName(string Split, int Number, int FilePosition, string Class);

/// <summary>Images that occur more than once.</summary>
/// <param name="ExactGroups">Sets of images with equal pixels, whatever their labels; those that cross splits first, then by size.</param>
/// <param name="NearPairs">Pairs of images that are nearly equal, nearest first; of equal images only the first takes part.</param>
/// <param name="NearPairsFound">All that there are; more than <paramref name="NearPairs"/> has where the list was cut.</param>
/// <param name="ByPlace">Counts by where the two stand: within train, within test, across.</param>
/// <param name="TestExamplesInTrain">Examples of the test split with an equal or nearly equal image in train.</param>
public sealed record DuplicateFindings(
    IReadOnlyList<ExactGroup> ExactGroups, IReadOnlyList<NearPair> NearPairs, long NearPairsFound, IReadOnlyList<DuplicateCounts> ByPlace, int TestExamplesInTrain);

/// <param name="LabelConflict">The members do not all have one class.</param>
/// <param name="AcrossSplits">The members stand in more than one split.</param>
public sealed record ExactGroup(IReadOnlyList<ExampleName> Members, bool LabelConflict, bool AcrossSplits);

/// <param name="HashDistance">Bits in which the difference hashes differ, 0 to 64.</param>
/// <param name="RootMeanSquare">Difference of the pixels, over all bytes, 0 to 255.</param>
public sealed record NearPair(ExampleName First, ExampleName Second, int HashDistance, double RootMeanSquare, bool LabelConflict);

/// <param name="Place">The split's name, or both joined by a plus sign.</param>
/// <param name="ExactGroups">Groups of equal images whose members stand there.</param>
/// <param name="ExactConflicts">Those of them with different classes.</param>
/// <param name="NearPairs">Pairs of nearly equal images there.</param>
/// <param name="NearConflicts">Those of them with different classes.</param>
public sealed record DuplicateCounts(string Place, int ExactGroups, int ExactConflicts, int NearPairs, int NearConflicts);

/// <param name="Share">Of this part of the work, 0 to 1.</param>
public sealed record InspectionProgress(string Part, double Share);
