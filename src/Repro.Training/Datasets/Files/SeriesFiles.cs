using System.Text;
using Repro.Studies;
using Repro.Studies.Formats;

namespace Repro.Training.Datasets.Files;

/// <summary>Reads data sets that are one file of comma-separated series.</summary>
public static class SeriesFiles
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="bytes">The official length of the file.</param>
    /// <param name="md5">Its official checksum, where nothing is known of its records; null: it may have other bytes with the same records, which their identity tells.</param>
    /// <exception cref="BadInputException">The file is missing, of another length, corrupt, or no table of series.</exception>
    public static SeriesDataset Read(DatasetFolder folder, string name, long bytes, SeriesDivision division, string? md5 = null)
    {
        var (content, checksum) = folder.Read(name, bytes, "text");
        if (md5 is not null && checksum.Md5 != md5) throw folder.Refuse(folder.Find(name)!, $"must have the published MD5 {md5}", $"it has {checksum.Md5}");
        try
        {
            var table = SeriesTable.Parse(Strict.GetString(content), name);
            var used = division.Train + division.Validation + division.Test;
            if (table.Rows < used) throw new BadInputException($"it has {table.Rows:N0} rows of {used:N0}");
            return new SeriesDataset(folder.Dataset, folder.Path, table, division, [checksum]);
        }
        catch (Exception error) when (error is DecoderFallbackException or BadInputException)
        {
            throw folder.Refuse(folder.Find(name)!, "must hold the official series", error.Message.TrimEnd('.'), error);
        }
    }

    /// <summary>A person's own file, of which the first seven tenths of the rows are for training and the last two for the test.</summary>
    /// <param name="folders">Told of it, and says whether its test rows are sealed; it is not looked for there.</param>
    /// <exception cref="BadInputException">The file is missing, unreadable, or no table of series.</exception>
    public static SeriesDataset ReadOwn(string path, DataFolders folders)
    {
        RegularFile.Require(path);
        try
        {
            var content = File.ReadAllBytes(path);
            var name = Path.GetFileName(path);
            var table = SeriesTable.Parse(Strict.GetString(content), name);
            var dataset = new SeriesDataset(name, Path.GetDirectoryName(Path.GetFullPath(path))!, table, SeriesDivision.Tenths(table.Rows), [FileChecksum.Of(name, content)]);
            folders.Loaded?.Invoke(dataset);
            return dataset with { TestIsSealed = folders.TestIsSealed };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The series in {path} cannot be read: {error.Message}", error);
        }
        catch (DecoderFallbackException error)
        {
            throw new BadInputException($"{path} is no UTF-8 text. Save the table as comma-separated values in UTF-8.", error);
        }
    }
}
