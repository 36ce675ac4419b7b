using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Torch.Tests;

public class ThreadTests
{
    [Fact]
    public void Eight_threads_that_build_train_save_and_load_models_get_the_bits_of_one_alone()
    {
        const int threads = 8;
        var alone = Enumerable.Range(0, threads).Select(Work).ToList();
        var together = new List<float[]>(new float[threads][]);
        var errors = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        var running = Enumerable.Range(0, threads).Select(i => new Thread(() =>
        {
            try
            {
                together[i] = Work(i);
            }
            catch (Exception error)
            {
                errors.Enqueue(error);
            }
        })).ToList();
        running.ForEach(thread => thread.Start());
        running.ForEach(thread => thread.Join());
        Assert.Empty(errors);
        Assert.Equal(alone, together);
        Assert.NotEqual(alone[0], alone[1]);
    }

    // Everything random comes from a generator of the thread's own: libtorch's default one is shared by all.
    private static float[] Work(int seed)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed + 1);
        using var model = Sequential(Conv2d(1, 4, 3, padding: 1), BatchNorm2d(4), ReLU(), Flatten(), Linear(4 * 36, 3));
        using (no_grad())
            foreach (var parameter in model.parameters())
                parameter.copy_(randn(parameter.shape, generator: generator) * 0.2);
        using var optimizer = optim.Adam(model.parameters(), 0.01);
        var (images, labels) = (randn(8, 1, 6, 6, generator: generator), randint(0, 3, [8], generator: generator));
        for (var step = 0; step < 30; step++)
        {
            using var inner = NewDisposeScope();
            optimizer.zero_grad();
            functional.cross_entropy(model.call(images), labels).backward();
            optimizer.step();
            if (step == 15)
                SaveAndLoad(model);
            if (step % 10 == 5)
                Assert.Contains($"{seed + 2}x3 and 5x{seed + 2}", Assert.Throws<ExternalException>(() => ones(seed + 2, 3).matmul(ones(5, seed + 2))).Message, StringComparison.Ordinal);
        }
        var checkpointed = ActivationCheckpoint.Run(model.call, images);
        functional.cross_entropy(checkpointed, labels).backward();
        return [.. model.parameters().SelectMany(p => p.data<float>().ToArray()), .. model.parameters().SelectMany(p => p.grad!.data<float>().ToArray()), .. model.call(images).data<float>()];
    }

    private static void SaveAndLoad(Module model)
    {
        using var stream = new MemoryStream();
        model.save(stream);
        using (no_grad())
            foreach (var parameter in model.parameters())
                parameter.zero_();
        stream.Position = 0;
        model.load(stream);
    }

    [Fact]
    public void Finalizers_free_forgotten_tensors_while_other_threads_compute()
    {
        Collect();
        var before = Runtime.LiveTensors;
        var errors = 0;
        var forgetting = Enumerable.Range(0, 3).Select(i => new Thread(() =>
        {
            for (var round = 0; round < 300; round++)
            {
                var x = ones(16, requires_grad: true);
                var y = x;
                for (var k = 0; k < 10; k++)
                    y = (y * 1.01).tanh();
                y.sum().backward(); // graph and gradients are shared with tensors that are finalized meanwhile
                if (x.grad!.numel() != 16)
                    Interlocked.Increment(ref errors);
                _ = new Generator((ulong)round).get_state();
                if (round % 5 == i)
                    GC.Collect(); // by those who compute: a thread that did nothing else would let the others do nothing
            }
        })).ToList();
        forgetting.ForEach(thread => thread.Start());
        forgetting.ForEach(thread => thread.Join());
        Collect();
        Assert.Equal(0, errors);
        Assert.Equal(before, Runtime.LiveTensors);
    }

    [Fact]
    public void Two_thousand_steps_of_a_small_model_leave_no_tensor_and_no_memory()
    {
        // What other tests left to finalizers would be freed in between.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var model = Sequential(Linear(64, 128), ReLU(), Linear(128, 10));
        using var optimizer = optim.SGD(model.parameters(), 0.01, momentum: 0.9);
        using var images = randn(32, 64);
        using var labels = randint(0, 10, [32]);
        long tensors = 0, bytes = 0;
        for (var step = 1; step <= 2000; step++)
        {
            using (NewDisposeScope())
            {
                optimizer.zero_grad();
                functional.cross_entropy(model.call(images), labels).backward();
                optimizer.step();
            }
            if (step == 200)
                (tensors, bytes) = (Runtime.LiveTensors, Resident());
        }
        Assert.Equal(tensors, Runtime.LiveTensors);
        // Keeping one batch of activations a step would be 42 MiB by now.
        Assert.InRange(Resident() - bytes, long.MinValue, 20 << 20);
    }

    private static long Resident() => long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) * Environment.SystemPageSize;

    private static void Collect()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
