using TorchSharp;
using static TorchSharp.torch;
using Module = TorchSharp.torch.nn.Module;

namespace Repro.Torch.Tests;

public class ModuleReferenceTests
{
    private static readonly ReferenceValues Reference = ReferenceValues.Modules;

    public static TheoryData<string> Names => [.. ModuleCases.All.Keys];

    /// <summary>Those whose first values PyTorch and TorchSharp draw in the same order.</summary>
    public static TheoryData<string> NamesWithFirstValues => [.. ModuleCases.All.Keys.Where(name => KeysOf(name, "init").Any())];

    public static TheoryData<string, Func<Tensor, Tensor>> FirstValues => new()
    {
        { "uniform", t => nn.init.uniform_(t, -1, 2) },
        { "normal", t => nn.init.normal_(t, 1, 2) },
        { "xavier_uniform", t => nn.init.xavier_uniform_(t, 1.5) },
        { "xavier_normal", t => nn.init.xavier_normal_(t, 1.5) },
        { "kaiming_uniform", t => nn.init.kaiming_uniform_(t, 0.2) },
        { "kaiming_normal_out", t => nn.init.kaiming_normal_(t, 0, nn.init.FanInOut.FanOut, nn.init.NonlinearityType.ReLU) },
        { "trunc_normal", t => nn.init.trunc_normal_(t, 0.3, 0.5, -0.4, 0.8) },
        { "constant", t => nn.init.constant_(t, 3) },
        { "orthogonal_tall", t => nn.init.orthogonal_(t, 1.5) },
        { "orthogonal_wide", t => nn.init.orthogonal_(t) },
        { "orthogonal_kernel", t => nn.init.orthogonal_(t) },
        { "sparse", t => nn.init.sparse_(t, 0.4, 0.5) },
        { "eye", t => nn.init.eye_(t) },
        { "dirac", t => nn.init.dirac_(t) },
    };

    [Fact]
    public void Every_module_of_the_reference_has_its_counterpart_here()
    {
        var cases = Reference.Names.Where(name => name.EndsWith(".out.0", StringComparison.Ordinal)).Select(name => name[..^6]);
        Assert.Equal(cases.Order(), ModuleCases.All.Keys.Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_module_with_the_state_of_PyTorch_gives_its_values_and_gradients(string name)
    {
        using var scope = NewDisposeScope();
        using var module = Loaded(name);
        var inputs = InputsOf(name);
        manual_seed(7);
        var outputs = ModuleCases.All[name].Call(module, inputs);
        Assert.Equal(Count($"{name}.out"), outputs.Length);
        for (var i = 0; i < outputs.Length; i++)
            Reference.AssertEqual($"{name}.out.{i}", outputs[i], 1e-4, 2e-6);
        var used = outputs.Where(output => output.requires_grad).ToList();
        if (used.Count > 0)
            used.Select(output => (output * OperatorCases.Weights(output)).sum()).Aggregate((a, b) => a + b).backward();
        for (var i = 0; i < inputs.Length; i++)
            if (Reference.Has($"{name}.grad.{i}"))
                Reference.AssertEqual($"{name}.grad.{i}", inputs[i].grad!, 1e-4, 5e-6);
        foreach (var (key, parameter) in module.named_parameters())
        {
            Assert.Equal(Reference.Has($"{name}.param.{key}"), parameter.grad is not null);
            if (parameter.grad is { } gradient)
                Reference.AssertEqual($"{name}.param.{key}", gradient.is_sparse ? gradient.to_dense() : gradient, 1e-4, 5e-6);
        }
        foreach (var (key, value) in module.state_dict())
            Reference.AssertEqual(Reference.Has($"{name}.after.{key}") ? $"{name}.after.{key}" : $"{name}.state.{key}", value);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_forward_pass_leaves_nothing_alive_but_its_results(string name)
    {
        using var module = Loaded(name);
        using var scope = NewDisposeScope();
        var inputs = InputsOf(name).Select(input => input.detach()).ToArray();
        inputs = [.. inputs.Select(input => input.DetachFromDisposeScope())];
        var call = ModuleCases.All[name].Call;
        using var grad = no_grad();
        foreach (var tensor in call(module, inputs))
            tensor.Dispose();
        // What other tests left to finalizers would be freed in between.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;
        var outputs = call(module, inputs);
        Assert.Equal(outputs.Length, Tensor.TotalCount - before);
        foreach (var tensor in outputs.Concat(inputs))
            tensor.Dispose();
    }

    [Theory]
    [MemberData(nameof(NamesWithFirstValues))]
    public void A_new_module_has_the_values_that_PyTorch_draws_from_the_same_seed(string name)
    {
        manual_seed(11);
        using var module = ModuleCases.All[name].Make();
        Assert.Equal(KeysOf(name, "init"), module.state_dict().Keys);
        foreach (var (key, value) in module.state_dict())
            Reference.AssertEqual($"{name}.init.{key}", value, 1e-6, 1e-7);
    }

    [Theory]
    [MemberData(nameof(FirstValues))]
    public void An_initialization_draws_the_values_of_PyTorch_and_gives_the_tensor_back(string name, Func<Tensor, Tensor> fill)
    {
        using var scope = NewDisposeScope();
        var tensor = empty(Reference.Get($"values.{name}").shape).requires_grad_();
        manual_seed(11);
        Assert.Same(tensor, fill(tensor));
        Reference.AssertEqual($"values.{name}", tensor);
        Assert.True(tensor.is_leaf);
    }

    private static Module Loaded(string name)
    {
        var module = ModuleCases.All[name].Make();
        Assert.Equal(KeysOf(name, "state"), module.state_dict().Keys);
        using var scope = NewDisposeScope();
        module.load_state_dict(KeysOf(name, "state").ToDictionary(key => key, key => Reference.Get($"{name}.state.{key}")));
        module.train(!ModuleCases.All[name].Evaluation);
        return module;
    }

    private static Tensor[] InputsOf(string name) =>
    [
        .. Enumerable.Range(0, Count($"{name}.in")).Select(i => Reference.Get($"{name}.in.{i}").requires_grad_(Reference.Has($"{name}.grad.{i}"))),
        .. Enumerable.Range(0, Count($"{name}.mask")).Select(i => Reference.Get($"{name}.mask.{i}").@bool()),
    ];

    private static int Count(string prefix) => Enumerable.Range(0, 9).TakeWhile(i => Reference.Has($"{prefix}.{i}")).Count();

    private static IEnumerable<string> KeysOf(string name, string kind) =>
        Reference.Names.Where(entry => entry.StartsWith($"{name}.{kind}.", StringComparison.Ordinal)).Select(entry => entry[(name.Length + kind.Length + 2)..]);
}
