using Repro.Cli.Output;

namespace Repro.Cli.Tests.Output;

public class OutOfMemoryTests
{
    [Theory]
    [InlineData("[enforce fail at alloc_cpu.cpp:75] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 34359738368 bytes. Error code 12 (Cannot allocate memory)", "34.36 GB for one tensor")]
    [InlineData("CUDA out of memory. Tried to allocate 2.50 GiB (GPU 0; 139.80 GiB total capacity)", "2.50 GiB for one tensor")]
    [InlineData("CUDA error: out of memory", "There is not enough memory. Make")]
    public void What_was_asked_for_and_what_to_do_is_said(string message, string expected) =>
        Assert.Contains(expected, OutOfMemory.Sentence(new InvalidOperationException(message)), StringComparison.Ordinal);

    [Fact]
    public void Who_knows_what_the_memory_was_for_says_it() => Assert.Equal("The text is too large.", OutOfMemory.Sentence(new InsufficientMemoryException("The text is too large.")));

    [Fact]
    public void The_runtimes_own_exception_counts_and_other_errors_do_not()
    {
#pragma warning disable CA2201 // What the runtime throws is what is meant.
        Assert.NotNull(OutOfMemory.Sentence(new OutOfMemoryException()));
#pragma warning restore CA2201
        Assert.Null(OutOfMemory.Sentence(new InvalidOperationException("The size of tensor a (3) must match the size of tensor b (4)")));
    }
}
