using Orleans.Runtime;

namespace Repro.Cluster.Silos;

/// <summary>How a silo is called in the logs of sweeps: its name and its address, <c>gpu7@10.0.0.7:11111@3651</c>. The address has when it started, so that none is used twice.</summary>
public static class HostName
{
    public static string Of(string silo, SiloAddress address) => $"{silo}@{address.ToParsableString()}";

    /// <summary>The silo's name without its address.</summary>
    public static string ShortOf(string host) => host.IndexOf('@', StringComparison.Ordinal) is > 0 and var at ? host[..at] : host;

    /// <returns>Null where it is no silo's name.</returns>
    public static SiloAddress? AddressOf(string host)
    {
        var at = host.IndexOf('@', StringComparison.Ordinal);
        if (at <= 0) return null;
        try
        {
            return SiloAddress.FromParsableString(host[(at + 1)..]);
        }
        catch (Exception error) when (error is FormatException or ArgumentException or IndexOutOfRangeException)
        {
            return null;
        }
    }
}
