using System.Globalization;
using System.Text;

namespace Repro.Training.Loop;

/// <summary>
/// Where a run's time goes, as a file that a browser's trace viewer opens (chrome://tracing, ui.perfetto.dev): complete events of the Trace Event Format.
/// On a GPU a span is the time until the work was handed over, not until it was done.
/// </summary>
public sealed class RunTrace : IDisposable
{
    private readonly TimeProvider _time;
    private readonly StreamWriter _writer;
    private readonly Lock _lock = new();
    private readonly long _began;
    private bool _first = true;

    /// <param name="path">Made, or written over.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public RunTrace(string path, TimeProvider time)
    {
        _time = time;
        _writer = new StreamWriter(path, append: false, new UTF8Encoding(false));
        _writer.Write("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[");
        _began = time.GetTimestamp();
    }

    /// <summary>A span from now until it is disposed of.</summary>
    /// <param name="name">What is done, without quotes: forward, backward, update, evaluate.</param>
    public IDisposable Measure(string name) => new Span(this, name, _time.GetTimestamp());

    public void Dispose()
    {
        lock (_lock)
        {
            _writer.Write("\n]}\n");
            _writer.Dispose();
        }
    }

    private void Write(string name, long from)
    {
        var (start, length) = (_time.GetElapsedTime(_began, from), _time.GetElapsedTime(from));
        lock (_lock)
        {
            _writer.Write(_first ? "\n" : ",\n");
            _first = false;
            _writer.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"{{\"name\":\"{name}\",\"ph\":\"X\",\"ts\":{start.TotalMicroseconds:0.###},\"dur\":{length.TotalMicroseconds:0.###},\"pid\":1,\"tid\":{Environment.CurrentManagedThreadId}}}"));
        }
    }

    private sealed class Span(RunTrace trace, string name, long from) : IDisposable
    {
        public void Dispose() => trace.Write(name, from);
    }
}
