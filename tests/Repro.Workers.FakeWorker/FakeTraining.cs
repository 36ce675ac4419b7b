using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Repro.Workers.FakeWorker;

/// <summary>
/// The state of a fake run: a chain in which every step depends on all before it, so that a run which goes on from another place than it says has other
/// values from there on.
/// </summary>
public sealed class FakeTraining
{
    private byte[] _state;

    private FakeTraining(int step, byte[] state) => (Step, _state) = (step, state);

    public int Step { get; private set; }

    /// <summary>In [0, 1).</summary>
    public double Loss => (BitConverter.ToUInt64(_state) >> 11) * (1.0 / (1UL << 53));

    public static FakeTraining Begin(ulong seed) => new(0, SHA256.HashData(BitConverter.GetBytes(seed)));

    public void Advance()
    {
        Step++;
        _state = SHA256.HashData(_state);
    }

    /// <returns>Digest and length of the file.</returns>
    public (string Sha256, long Bytes) Save(string file)
    {
        var content = Encoding.UTF8.GetBytes($"{Step.ToString(CultureInfo.InvariantCulture)} {Convert.ToHexString(_state)}");
        File.WriteAllBytes(file, content);
        return (Convert.ToHexStringLower(SHA256.HashData(content)), content.Length);
    }

    /// <summary>Null where the file is not there, or not the one that was recorded.</summary>
    public static FakeTraining? Load(string file, string digest)
    {
        if (!File.Exists(file)) return null;
        var content = File.ReadAllBytes(file);
        if (Convert.ToHexStringLower(SHA256.HashData(content)) != digest) return null;
        var parts = Encoding.UTF8.GetString(content).Split(' ');
        return new FakeTraining(int.Parse(parts[0], CultureInfo.InvariantCulture), Convert.FromHexString(parts[1]));
    }
}
