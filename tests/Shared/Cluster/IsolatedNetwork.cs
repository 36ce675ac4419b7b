using System.Diagnostics;

namespace Repro.Shared.Cluster;

/// <summary>A network namespace with one cable to this machine's own, which can be pulled. Wants root and iproute2.</summary>
internal sealed class IsolatedNetwork : IDisposable
{
    private readonly string _cable;

    /// <param name="number">1 to 250, different for each that lives; its network is 10.77.0.0/16.</param>
    /// <param name="bridge">What all of them and this machine are plugged into.</param>
    public IsolatedNetwork(int number, string bridge)
    {
        (Name, _cable, Address) = ($"{bridge}n{number}", $"{bridge}v{number}", $"10.77.0.{number + 1}");
        Ip("netns", "add", Name);
        Ip("link", "add", _cable, "type", "veth", "peer", "name", "eth0", "netns", Name);
        Ip("link", "set", _cable, "master", bridge);
        Ip("link", "set", _cable, "up");
        foreach (var command in (string[][])[["addr", "add", $"{Address}/16", "dev", "eth0"], ["link", "set", "eth0", "up"], ["link", "set", "lo", "up"]]) Ip(["-n", Name, .. command]);
    }

    public string Name { get; }

    public string Address { get; }

    /// <summary>Why there can be none here; null where there can.</summary>
    public static string? Missing => Environment.UserName != "root" ? "network namespaces want root" : !File.Exists("/usr/sbin/ip") && !File.Exists("/sbin/ip") ? "iproute2 is not installed (apt-get install iproute2)" : Refusal;

    private static readonly string? Refusal = Try();

    /// <summary>Nothing comes through any more, and nobody is told.</summary>
    public void Cut() => Ip("link", "set", _cable, "down");

    public void Mend() => Ip("link", "set", _cable, "up");

    public void Dispose() => Ip("netns", "del", Name);

    public static void Ip(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {said.Trim()}");
    }

    private static string? Try()
    {
        var name = $"rp{Environment.ProcessId % 10_000}t";
        try
        {
            Ip("netns", "add", name);
            Ip("netns", "del", name);
            return null;
        }
        catch (Exception refused) when (refused is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return refused.Message;
        }
    }
}

/// <summary>What isolated networks and this machine are plugged into; this machine has 10.77.0.1 in it.</summary>
internal sealed class Bridge : IDisposable
{
    public const string Address = "10.77.0.1";

    public Bridge()
    {
        IsolatedNetwork.Ip("link", "add", Name, "type", "bridge");
        IsolatedNetwork.Ip("addr", "add", $"{Address}/16", "dev", Name);
        IsolatedNetwork.Ip("link", "set", Name, "up");
    }

    public string Name { get; } = $"rp{Environment.ProcessId % 10_000}";

    public void Dispose() => IsolatedNetwork.Ip("link", "del", Name);
}
