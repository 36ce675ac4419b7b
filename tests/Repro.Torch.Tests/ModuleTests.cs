using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Torch.Tests;

public class ModuleTests
{
    [Fact]
    public void Three_steps_of_a_small_residual_network_equal_those_of_PyTorch()
    {
        using var scope = NewDisposeScope();
        using var net = new SmallResNet();
        Assert.Equal(
            ReferenceValues.Operators.Names.Where(name => name.StartsWith("resnet.before.", StringComparison.Ordinal)).Select(name => name["resnet.before.".Length..]).Order(),
            net.state_dict().Keys.Order());
        net.load_state_dict(net.state_dict().Keys.ToDictionary(key => key, key => ReferenceValues.Operators.Get("resnet.before." + key)));
        var images = ReferenceValues.Operators.Get("resnet.images");
        var labels = tensor([1L, 0L, 9L, 3L, 3L, 5L]);
        var optimizer = optim.SGD(net.parameters(), 0.1, momentum: 0.9, weight_decay: 1e-4);
        var losses = new List<Tensor>();
        for (var i = 0; i < 3; i++)
        {
            net.zero_grad();
            var loss = functional.cross_entropy(net.call(images), labels);
            loss.backward();
            optimizer.step();
            losses.Add(loss);
        }
        ReferenceValues.Operators.AssertEqual("resnet.losses", stack(losses));
        foreach (var (key, value) in net.state_dict())
            ReferenceValues.Operators.AssertEqual("resnet.after." + key, value, 1e-4, 1e-5);
        net.eval();
        ReferenceValues.Operators.AssertEqual("resnet.evaluation", net.call(images), 1e-4, 1e-5);
    }

    [Fact]
    public void A_saved_module_loads_bit_identical_and_says_what_does_not_fit()
    {
        using var net = new SmallResNet();
        using var other = new SmallResNet();
        using var stream = new MemoryStream();
        net.save(stream);
        stream.Position = 0;
        other.load(stream);
        foreach (var (key, value) in net.state_dict())
            Assert.True(value.Equals(other.state_dict()[key]), key);
        stream.Position = 0;
        using var small = Sequential(("fc", Linear(8, 10)));
        Assert.Contains("expected 2, but found 20", Assert.Throws<ArgumentException>(() => small.load(stream)).Message, StringComparison.Ordinal);
        stream.Position = 0;
        var found = new Dictionary<string, bool>();
        small.load(stream, strict: false, loadedParameters: found);
        Assert.Equal(2, found.Count(entry => entry.Value));
        Assert.True(small.get_parameter("fc.weight")!.Equals(net.get_parameter("fc.weight")!));
        var refused = Assert.Throws<InvalidOperationException>(() => small.load_state_dict(new() { ["fc.weight"] = zeros(10, 8), ["x"] = zeros(1) }));
        Assert.Contains("Missing: fc.bias. Unexpected: x.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Modules_know_their_parts_by_name()
    {
        using var net = new SmallResNet();
        Assert.Equal(["conv1", "bn1", "conv2", "bn2", "conv3", "bn3", "fc"], net.named_children().Select(child => child.name));
        Assert.Equal(11, net.parameters().Count());
        Assert.Equal(9, net.buffers().Count());
        Assert.True(net.has_parameter("conv1.weight"));
        Assert.False(net.has_parameter("conv1.bias"));
        net.eval();
        Assert.All(net.modules(), module => Assert.False(module.training));
        Assert.Equal("SmallResNet", net.GetName());
    }

    [Fact]
    public void Hooks_see_and_change_what_a_module_computes()
    {
        using var scope = NewDisposeScope();
        var linear = Linear(2, 2);
        var shapes = new List<long>();
        var before = linear.register_forward_pre_hook((_, x) => x * 0);
        var after = linear.register_forward_hook((_, _, y) =>
        {
            shapes.Add(y.shape[0]);
            return y + 1;
        });
        Assert.True(linear.call(ones(3, 2)).allclose((linear.bias! + 1).expand(3, 2)));
        before.remove();
        after.remove();
        Assert.True(linear.call(zeros(1, 2)).allclose(linear.bias!.unsqueeze(0)));
        Assert.Equal([3], shapes);
    }

    [Fact]
    public void Conversion_keeps_parameters_the_same_objects_and_spares_integer_buffers()
    {
        using var scope = NewDisposeScope();
        using var net = new SmallResNet();
        var weight = net.get_parameter("conv1.weight")!;
        net.@double();
        Assert.Same(weight, net.get_parameter("conv1.weight"));
        Assert.Equal(float64, weight.dtype);
        Assert.True(weight.requires_grad);
        Assert.Equal(int64, net.get_buffer("bn1.num_batches_tracked")!.dtype);
        net.call(randn(2, 3, 8, 8, float64)).sum().backward();
        Assert.NotNull(weight.grad);
    }

    [Fact]
    public void A_module_list_and_a_sequential_number_their_modules()
    {
        using var list = ModuleList(Linear(1, 2), Linear(2, 3));
        Assert.Equal(["0.weight", "0.bias", "1.weight", "1.bias"], list.state_dict().Keys);
        using var sequential = Sequential(Linear(1, 2), ReLU(), Flatten());
        Assert.Equal(["0", "1", "2"], sequential.named_children().Select(child => child.name));
        using var input = ones(4, 1);
        using var output = sequential.call(input);
        Assert.Equal([4L, 2L], output.shape);
        Assert.False(input.IsInvalid);
    }

    [Fact]
    public void Batch_norm_without_momentum_averages_all_batches()
    {
        using var scope = NewDisposeScope();
        var norm = BatchNorm2d(1);
        norm.momentum = null;
        foreach (var level in new[] { 1f, 2f, 6f })
            norm.call(full(2, 1, 2, 2, level));
        Assert.Equal(3, norm.running_mean!.item<float>(), 1e-5);
        Assert.Equal(3, norm.num_batches_tracked!.item<long>());
    }

    [Fact]
    public void Random_numbers_are_those_of_PyTorch_for_the_same_seed()
    {
        using var scope = NewDisposeScope();
        manual_seed(42);
        ReferenceValues.Operators.AssertEqual("random.rand", rand(5), 0, 0);
        ReferenceValues.Operators.AssertEqual("random.randn", randn(20), 1e-6, 1e-7);
        ReferenceValues.Operators.AssertEqual("random.randint", randint(0, 100, [5L]), 0, 0);
        ReferenceValues.Operators.AssertEqual("random.randperm", randperm(7), 0, 0);
        ReferenceValues.Operators.AssertEqual("random.kaiming_normal", init.kaiming_normal_(empty(4, 3, 3, 3), nonlinearity: init.NonlinearityType.ReLU));
        var state = get_rng_state();
        var first = randn(100);
        set_rng_state(state);
        Assert.True(randn(100).Equals(first));
        using var own = new Generator(7);
        using var same = new Generator(7);
        Assert.True(rand(3, generator: own).Equals(rand(3, generator: same)));
    }

    [Fact]
    public void Initial_values_are_as_described()
    {
        using var scope = NewDisposeScope();
        var weight = zeros(4, 2, 3, 3);
        init.dirac_(weight);
        var image = randn(1, 2, 5, 5);
        Assert.True(functional.conv2d(image, weight, padding: [1, 1])[TensorIndex.Colon, ..2].allclose(image));
        var cut = init.trunc_normal_(empty(10000), 1, 2, -1, 2);
        Assert.InRange(cut.min().item<float>(), -1f, -0.9f);
        Assert.InRange(cut.max().item<float>(), 1.9f, 2f);
        Assert.Equal(Math.Sqrt(2), init.calculate_gain(init.NonlinearityType.ReLU));
        Assert.Equal((18L, 36L), init.CalculateFanInAndFanOut(weight));
    }

    [Fact]
    public void An_anomaly_names_the_function_that_gave_the_nan()
    {
        using var scope = NewDisposeScope();
        var x = tensor([0f], requires_grad: true);
        using var mode = autograd.detect_anomaly();
        var error = Assert.Throws<ExternalException>(() => (x.sqrt() * 0).sum().backward());
        Assert.Contains("SqrtBackward0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dropping_gradients_of_a_nested_model_reaches_every_parameter_and_makes_no_names()
    {
        using var scope = NewDisposeScope();
        var shared = nn.Linear(2, 2);
        using var model = nn.Sequential(
            ("blocks", nn.Sequential([.. Enumerable.Range(0, 40).Select(i => ($"block_with_a_long_name_{i}", (nn.Module<Tensor, Tensor>)nn.Sequential(("linear", nn.Linear(2, 2)))))])),
            ("one", shared), ("again", shared));
        model.call(ones(1, 2)).sum().backward();
        Assert.All(model.parameters(), parameter => Assert.NotNull(parameter.grad));
        model.zero_grad();
        Assert.All(model.parameters(), parameter => Assert.Null(parameter.grad));
        var before = GC.GetAllocatedBytesForCurrentThread();
        model.zero_grad();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
    }
}

/// <summary>The network of tests/peers/reference_values.py.</summary>
internal sealed class SmallResNet : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1 = Conv2d(3, 4, 3, padding: 1, bias: false);
    private readonly BatchNorm2d bn1 = BatchNorm2d(4);
    private readonly Conv2d conv2 = Conv2d(4, 8, 3, stride: 2, padding: 1, bias: false);
    private readonly BatchNorm2d bn2 = BatchNorm2d(8);
    private readonly Conv2d conv3 = Conv2d(8, 8, 3, padding: 1, bias: false);
    private readonly BatchNorm2d bn3 = BatchNorm2d(8);
    private readonly Linear fc = Linear(8, 10);

    public SmallResNet() : base(nameof(SmallResNet)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = functional.relu(bn1.call(conv1.call(x)));
        var y = bn3.call(conv3.call(functional.relu(bn2.call(conv2.call(x)))));
        x = functional.relu(y + functional.pad(x[TensorIndex.Ellipsis, TensorIndex.Slice(step: 2), TensorIndex.Slice(step: 2)], [0L, 0, 0, 0, 2, 2]));
        return fc.call(x.mean([2, 3])).MoveToOuterDisposeScope();
    }
}
