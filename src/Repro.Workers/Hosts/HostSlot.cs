namespace Repro.Workers.Hosts;

/// <summary>A slot with what stays with it from run to run, whatever sweep it serves.</summary>
internal sealed class HostSlot(Slot slot, int failuresInARow) : IAsyncDisposable
{
    public Slot Slot => slot;

    public Breaker Breaker { get; } = new(slot.Name, failuresInARow);

    public SlotWorker Worker { get; } = new(slot);

    public ValueTask DisposeAsync() => Worker.DisposeAsync();
}
