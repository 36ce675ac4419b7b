namespace Repro.Workers.Hosts;

/// <summary>The worker of a slot: started when it is needed, used for run after run, and replaced where it has ended or belongs to another build.</summary>
internal sealed class SlotWorker(Slot slot) : IAsyncDisposable
{
    private IWorker? _worker;
    private string _build = "";
    private volatile Action<string>? _log;

    /// <summary>Whether it has trained before.</summary>
    public bool Reused { get; private set; }

    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    /// <param name="log">Takes what it prints, until the next one is given.</param>
    public async Task<IWorker> Get(HostSettings settings, Action<string> log)
    {
        _log = log;
        if (_worker is { } worker && !worker.Messages.Completion.IsCompleted && _build == settings.Build) return worker;
        await Discard();
        (Reused, _build) = (false, settings.Build);
        return _worker = settings.StartWorker(slot, line => _log?.Invoke(line));
    }

    /// <summary>It was given a run, and is none's now.</summary>
    public void Release() => Reused = true;

    /// <summary>What it prints from here on belongs to no run.</summary>
    public void Forget() => _log = null;

    public async Task Discard()
    {
        if (_worker is not { } worker) return;
        _worker = null;
        await worker.DisposeAsync();
    }

    public async ValueTask DisposeAsync() => await Discard();
}
