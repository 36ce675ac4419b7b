using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Repro.Results.Tests.Objects;

/// <summary>Answers each request for an object with its whole length announced: the first with half of it, and then as it is told, the others with all.</summary>
internal sealed class CutOffServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _serving;
    private TcpClient? _held;

    /// <param name="closes">Whether the first connection ends after half of the object; otherwise it passes nothing more.</param>
    public CutOffServer(byte[] content, bool closes)
    {
        _listener.Start();
        _serving = Task.Run(async () =>
        {
            for (var answered = 0; answered < 2; answered++)
            {
                var client = await _listener.AcceptTcpClientAsync();
                var stream = client.GetStream();
                var head = new StringBuilder();
                for (var one = new byte[1]; !head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal); head.Append((char)one[0])) await stream.ReadExactlyAsync(one);
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {content.Length}\r\nETag: \"{new string('a', 32)}-2\"\r\nConnection: close\r\n\r\n"));
                await stream.WriteAsync(answered == 0 ? content.AsMemory(0, content.Length / 2) : content);
                if (answered == 0 && !closes) _held = client;
                else client.Dispose();
            }
        });
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>When both were answered.</summary>
    public Task Served => _serving;

    public void Dispose()
    {
        _listener.Dispose();
        _held?.Dispose();
    }
}
