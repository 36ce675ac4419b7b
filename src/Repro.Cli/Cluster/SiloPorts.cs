using System.Net;
using System.Net.Sockets;
using Repro.Cli.Verbs.Cluster;
using Repro.Studies;

namespace Repro.Cli.Cluster;

/// <summary>The ports of a silo, looked at before it begins: a refusal then names the option.</summary>
internal static class SiloPorts
{
    /// <exception cref="BadInputException">One cannot be listened on, or two are the same.</exception>
    public static void Require(SiloChoices choices)
    {
        var silos = IPAddress.IsLoopback(choices.Address) ? choices.Address : IPAddress.Any;
        (string Option, IPEndPoint At)[] ports = [("--port", new(silos, choices.Port)), ("--gateway-port", new(silos, choices.GatewayPort)), ("--health", choices.Web)];
        if (ports.Where(port => port.At.Port != 0).GroupBy(port => port.At.Port).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new BadInputException($"{string.Join(" and ", twice.Select(port => port.Option))} are the same port, {twice.Key}. Give each its own.");
        Require("--address", new IPEndPoint(choices.Address, 0));
        foreach (var (option, at) in ports) Require(option, at);
    }

    private static void Require(string option, IPEndPoint at)
    {
        using var listener = new TcpListener(at);
        try
        {
            listener.Start();
        }
        catch (SocketException error)
        {
            throw new BadInputException(
                error.SocketErrorCode == SocketError.AddressAlreadyInUse ? $"Port {at.Port} is taken on this machine: by another silo, perhaps. Choose another with {option}; a second silo takes --port 11112, and its other ports follow."
                : error.SocketErrorCode == SocketError.AddressNotAvailable ? $"{option} names the address {at.Address}, which is none of this machine's: the others would not reach the silo there."
                : $"{option} cannot be {at}: {error.Message}.", error);
        }
    }
}
