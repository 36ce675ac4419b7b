using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

public class MemoryAndErrorTests
{
    // What earlier tests forgot is freed first, or its finalizers would change the counts under these tests.
    public MemoryAndErrorTests() => Collect();

    [Fact]
    public void Live_tensors_stay_level_over_a_thousand_training_steps()
    {
        using var net = new SmallResNet();
        using var optimizer = optim.SGD(net.parameters(), 0.01, momentum: 0.9);
        using var images = randn(2, 3, 8, 8);
        using var labels = randint(10, [2L]);
        long level = 0;
        for (var step = 0; step < 1000; step++)
        {
            using (NewDisposeScope())
            {
                net.zero_grad();
                nn.functional.cross_entropy(net.call(images), labels).backward();
                optimizer.step();
            }
            if (step == 0)
                level = Runtime.LiveTensors;
        }
        Assert.Equal(level, Runtime.LiveTensors);
    }

    [SkippableFact]
    public void Pages_of_freed_tensors_are_used_again_and_not_faulted_in_anew()
    {
        Skip.If(Environment.GetEnvironmentVariables().Keys.Cast<string>().Any(name => name.StartsWith("MALLOC_", StringComparison.Ordinal) || name == "GLIBC_TUNABLES"),
            "the environment says how malloc works");
        Fill();
        var before = MinorFaults();
        for (var step = 0; step < 20; step++)
            Fill();
        // Faulted in anew, the four tensors of 8 MiB are 8,192 pages a step.
        Assert.InRange(MinorFaults() - before, 0, 20 * 8192 / 8);

        static void Fill()
        {
            using var scope = NewDisposeScope();
            for (var i = 0; i < 4; i++)
                _ = ones(2 << 20);
        }

        // Of this thread; field 10 counted from the program's name, which may hold spaces.
        static long MinorFaults() => long.Parse(File.ReadAllText("/proc/thread-self/stat").Split(") ")[^1].Split(' ')[7], System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Forgotten_tensors_are_freed_by_their_finalizers()
    {
        Collect();
        var before = Runtime.LiveTensors;
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() => Forget(200))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.True(Runtime.LiveTensors > before);
        Collect();
        Assert.Equal(before, Runtime.LiveTensors);

        static void Forget(int count)
        {
            for (var i = 0; i < count; i++)
                _ = ones(10, requires_grad: true) + 1;
        }
    }

    [Fact]
    public void A_scope_frees_what_was_made_in_it_but_not_what_was_moved_out()
    {
        var before = Runtime.LiveTensors;
        Tensor kept, detached, inner;
        using (var outer = NewDisposeScope())
        {
            using (var scope = NewDisposeScope())
            {
                inner = ones(2);
                kept = (inner + 1).MoveToOuterDisposeScope();
                detached = (kept + 1).DetachFromDisposeScope();
                _ = kept * 2;
                Assert.Equal(2, scope.DisposablesCount);
            }
        }
        Assert.True(inner.IsInvalid);
        Assert.True(kept.IsInvalid);
        Assert.Equal([3f, 3f], detached.data<float>().ToArray());
        detached.Dispose();
        detached.Dispose();
        Assert.Equal(before, Runtime.LiveTensors);
    }

    [Fact]
    public void An_outer_scope_frees_what_an_inner_one_handed_to_it()
    {
        Tensor moved;
        using (var outer = NewDisposeScope())
        {
            using (NewDisposeScope())
                moved = zeros(1).MoveToOuterDisposeScope();
            Assert.False(moved.IsInvalid);
            Assert.True(outer.Contains(moved));
        }
        Assert.True(moved.IsInvalid);
    }

    [Fact]
    public void Parameters_outlive_the_scope_in_which_their_module_was_made()
    {
        SmallResNet net;
        using (NewDisposeScope())
            net = new SmallResNet();
        Assert.All(net.parameters(), parameter => Assert.False(parameter.IsInvalid));
        Assert.All(net.buffers(), buffer => Assert.False(buffer.IsInvalid));
        net.Dispose();
        Assert.All(net.parameters(), parameter => Assert.True(parameter.IsInvalid));
    }

    public static TheoryData<string> Mistakes => [.. Wrong.Keys];

    private static readonly Dictionary<string, (Action Mistake, string Message, string Operator)> Wrong = new()
    {
        ["shapes that do not fit"] = (() => ones(2, 3).matmul(ones(2, 3)), "cannot be multiplied (2x3 and 2x3)", "repro::matmul"),
        ["a type without this function"] = (() => ones(2, 3, int64).log_softmax(1), "not implemented for 'Long'", "aten::log_softmax"),
        ["an index out of range"] = (() => ones(3)[5].ToString(), "index 5 out of range", "aten::select"),
        ["a dimension out of range"] = (() => ones(3).sum(4L), "Dimension out of range", "aten::sum"),
        ["a convolution over other channels"] = (() => nn.functional.conv2d(ones(1, 2, 3, 3), ones(1, 3, 3, 3)), "to have 3 channels, but got 2", "aten::conv2d"),
        ["a class out of range"] = (() => nn.functional.cross_entropy(ones(1, 3), tensor([7L])), "Target 7 is out of bounds", "cross_entropy"),
        ["backward without a graph"] = (() => ones(1).backward(), "does not require grad", "Tensor.backward"),
        ["backward from more than one number"] = (() => (ones(2, requires_grad: true) * 2).backward(), "scalar outputs", "Tensor.backward"),
        ["an in-place change of a leaf"] = (() => ones(2, requires_grad: true).add_(1), "leaf Variable that requires grad", "aten::add_"),
        ["too much memory"] = (() => empty(1L << 50), "can't allocate memory", "aten::empty"),
        ["a gradient of another shape"] = (() => ones(2, requires_grad: true).grad = ones(3), "gradient of shape", "Tensor.grad"),
        ["a mask of another length"] = (() => ones(3)[tensor([true, false])].ToString(), "does not match the shape of the indexed tensor", "aten::index"),
        ["a broken equation"] = (() => einsum("ij,jk->iz", ones(2, 2), ones(2, 2)), "einsum()", "aten::einsum"),
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_gives_the_message_of_libtorch_and_the_operator_and_the_process_lives(string name)
    {
        using var scope = NewDisposeScope();
        var (mistake, message, op) = Wrong[name];
        var error = Assert.Throws<ExternalException>(mistake);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(op, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception raised from", error.Message, StringComparison.Ordinal);
        Assert.Equal(4f, (ones(2) + 1).sum().item<float>());
    }

    [Fact]
    public void A_disposed_tensor_is_refused_by_name_of_the_operator()
    {
        var gone = ones(2);
        gone.Dispose();
        Assert.Contains("aten::add", Assert.Throws<InvalidOperationException>(() => gone + 1).Message, StringComparison.Ordinal);
        Assert.Contains("aten::cat", Assert.Throws<InvalidOperationException>(() => cat([gone, gone])).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => gone.shape);
        Assert.Equal("[disposed]", gone.ToString());
    }

    [Fact]
    public void Reading_as_another_type_or_beyond_the_end_is_refused()
    {
        using var values = tensor([1f, 2f]);
        Assert.Contains("Double is not compatible with Float32", Assert.Throws<ArgumentException>(() => values.data<double>()).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => values.item<float>());
        Assert.Throws<ArgumentOutOfRangeException>(() => values.data<float>()[2]);
        Assert.Throws<ArgumentException>(() => tensor([1f, 2f, 3f], [2, 2]));
        Assert.Throws<ArgumentException>(() => values.bytes = new byte[3]);
        using var turned = ones(2, 3).t();
        Assert.Throws<InvalidOperationException>(() => turned.bytes.Length);
    }

    [Fact]
    public void Many_threads_train_at_once_and_get_the_same_bits()
    {
        float Train()
        {
            using var scope = NewDisposeScope();
            using var generator = new Generator(5);
            var weight = randn(8, 4, generator: generator).requires_grad_();
            var images = randn(16, 8, generator: generator);
            for (var i = 0; i < 50; i++)
            {
                using var step = NewDisposeScope();
                images.matmul(weight).tanh().square().mean().backward();
                using (no_grad())
                    weight.sub_(weight.grad! * 0.1);
                weight.grad = null;
            }
            return weight.sum().item<float>();
        }
        var alone = Train();
        var results = new float[8];
        var failures = 0;
        var threads = Enumerable.Range(0, results.Length).Select(i => new Thread(() =>
        {
            results[i] = Train();
            try
            {
                ones(i + 1, 2).matmul(ones(3, 2));
            }
            catch (ExternalException error) when (error.Message.Contains($"({i + 1}x2 and 3x2)", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref failures); // each thread has its own message
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.All(results, result => Assert.Equal(alone, result));
        Assert.Equal(results.Length, failures);
    }

    [Fact]
    public void Grad_modes_end_with_their_block_and_belong_to_the_thread()
    {
        using var scope = NewDisposeScope();
        var x = ones(1, requires_grad: true);
        using (no_grad())
        {
            Assert.False((x * 2).requires_grad);
            using (enable_grad())
                Assert.True((x * 2).requires_grad);
            var elsewhere = false;
            var thread = new Thread(() => elsewhere = is_grad_enabled());
            thread.Start();
            thread.Join();
            Assert.True(elsewhere);
        }
        Assert.True(is_grad_enabled());
        using (inference_mode())
            Assert.True(is_inference_mode_enabled());
        Assert.False(is_inference_mode_enabled());
    }

    [Fact]
    public void The_runtime_says_what_it_is()
    {
        Assert.Matches(@"^\d+\.\d+\.\d+", Runtime.Version);
        Assert.Matches("^[0-9a-f]{16}$", Runtime.BuildIdentity);
        Assert.NotEqual("unknown", Runtime.CpuCapability);
        Assert.Contains("OpenMP", Runtime.BuildConfiguration, StringComparison.Ordinal);
        Assert.EndsWith("librepro_torch.so", Runtime.ShimPath, StringComparison.Ordinal);
    }

    private static void Collect()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
