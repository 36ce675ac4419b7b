using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Repro.Training.Tests.Datasets.Fetching;

/// <summary>One file on a web server of this machine that misbehaves by script: request n is answered as script n says, later ones as the last.</summary>
public sealed class LoopbackServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _content;
    private readonly Answer[] _script;
    private readonly Task _serving;

    public LoopbackServer(byte[] content, params Answer[] script)
    {
        (_content, _script) = (content, script.Length > 0 ? script : [new Answer()]);
        _listener.Start();
        _serving = Task.Run(ServeAsync);
    }

    /// <summary>How a request is answered.</summary>
    /// <param name="Status">200 becomes 206 where a range was asked for and ranges are known.</param>
    /// <param name="BreakAfter">Bytes of the body after which the connection is cut; null sends all.</param>
    /// <param name="Ranges">Whether the server knows ranges.</param>
    /// <param name="Content">Sent instead of the server's content.</param>
    public sealed record Answer(int Status = 200, int? BreakAfter = null, bool Ranges = true, byte[]? Content = null);

    /// <summary>First byte asked for by each request; 0 where no range was asked for.</summary>
    public List<long> Requests { get; } = [];

    public Uri Address(string name) => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/{name}");

    public void Dispose()
    {
        _listener.Stop();
        _serving.Wait();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await AnswerAsync(client.GetStream());
            }
            catch (IOException)
            {
                // The client hung up, which some tests are about.
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        var reader = new StreamReader(stream, Encoding.ASCII);
        var from = 0L;
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            if (line.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase))
                from = long.Parse(line["Range: bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
        }
        var answer = _script[Math.Min(Requests.Count, _script.Length - 1)];
        Requests.Add(from);

        var content = answer.Content ?? _content;
        var partial = answer is { Status: 200, Ranges: true } && from > 0;
        var status = partial ? from < content.Length ? "206 Partial Content" : "416 Range Not Satisfiable" : $"{answer.Status} Scripted";
        var body = answer.Status != 200 || status.StartsWith("416", StringComparison.Ordinal) ? default : content.AsMemory(partial ? (int)from : 0);
        var range = status.StartsWith("206", StringComparison.Ordinal) ? $"Content-Range: bytes {from}-{content.Length - 1}/{content.Length}\r\n" : "";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\n{range}Connection: close\r\n\r\n"));
        await stream.WriteAsync(body[..Math.Min(answer.BreakAfter ?? body.Length, body.Length)]);
        await stream.FlushAsync();
    }
}
