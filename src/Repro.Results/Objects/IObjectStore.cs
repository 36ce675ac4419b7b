using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Results.Objects;

/// <summary>
/// Files that every machine of a cluster reaches, each under a key: <c>sweeps/lr/12-0/attempt-2/step-000000400.safetensors</c>. All members may be called
/// by several threads at once. Content is not verified beyond its length; whoever fetches holds it against a digest.
/// </summary>
public interface IObjectStore : IDisposable
{
    /// <summary>For a sentence: <c>the folder /mnt/repro</c>, <c>s3://bucket/prefix</c>.</summary>
    string Description { get; }

    /// <summary>
    /// Random text that tells this place from every other one, whatever address it has from here: what its object <see cref="Marker"/> holds. Two machines whose folders of
    /// one name are not one share see two.
    /// </summary>
    /// <param name="makes">Gives it one where it has none; otherwise null is returned then.</param>
    /// <exception cref="StorageException">The store refuses or cannot be reached.</exception>
    string? Id(bool makes = false, CancellationToken stop = default);

    /// <summary>Key of the object that has the place's id.</summary>
    const string Marker = ".repro-objects";

    /// <summary>Stores the file's content, over what the key had before. A reader sees all of the one or all of the other, whenever this process ends.</summary>
    /// <exception cref="BadInputException">No such key can be; see <see cref="ObjectKey"/>.</exception>
    /// <exception cref="StorageException">The store refuses or cannot be reached, or the file cannot be read.</exception>
    void Put(string key, string file, CancellationToken stop = default);

    /// <summary>Fetches an object to a local file, which is there whole or not at all and replaces what was there. Its folder is made where it is absent.</summary>
    /// <returns>False where there is no such object; then the file is as it was.</returns>
    /// <inheritdoc cref="Put" path="/exception"/>
    bool Get(string key, string file, CancellationToken stop = default);

    /// <summary>Bytes of an object; null where there is none.</summary>
    /// <inheritdoc cref="Put" path="/exception"/>
    long? LengthOf(string key, CancellationToken stop = default);

    /// <summary>Removes an object where it is there.</summary>
    /// <inheritdoc cref="Put" path="/exception"/>
    void Delete(string key, CancellationToken stop = default);
}
