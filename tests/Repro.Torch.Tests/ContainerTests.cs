using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Torch.Tests;

public class ContainerTests
{
    [Fact]
    public void A_module_dictionary_keeps_order_and_names_its_modules_by_key()
    {
        using var scope = NewDisposeScope();
        using var modules = ModuleDict(("b", Linear(1, 2)), ("a", Linear(2, 3, hasBias: false)));
        Assert.Equal(["b.weight", "b.bias", "a.weight"], modules.state_dict().Keys);
        modules["b"] = Linear(1, 4);
        modules.Insert(1, ("c", Linear(1, 1, hasBias: false)));
        Assert.Equal(["b", "c", "a"], modules.keys());
        Assert.Equal(["b.weight", "b.bias", "c.weight", "a.weight"], modules.state_dict().Keys);
        Assert.Equal([4L, 1L], modules.state_dict()["b.weight"].shape);
        Assert.True(modules.Remove("c"));
        Assert.False(modules.Remove("c"));
        Assert.False(modules.TryGetValue("c", out _));
        Assert.Contains("no entry 'c'", Assert.Throws<KeyNotFoundException>(() => modules["c"]).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => modules.Add("a", Linear(1, 1)));
        modules.clear();
        Assert.Empty(modules.state_dict());
    }

    [Fact]
    public void Parameter_lists_and_dictionaries_hold_parameters_by_number_and_by_name()
    {
        using var scope = NewDisposeScope();
        using var list = ParameterList(Parameter(ones(2)), Parameter(zeros(3)));
        list.append(Parameter(ones(1)));
        list.RemoveAt(0);
        Assert.Equal(["0", "1"], list.state_dict().Keys);
        Assert.Equal([3L], list.get_parameter("0")!.shape);
        Assert.Equal(1, list.IndexOf(list[1]));
        using var dictionary = ParameterDict(("w", Parameter(ones(2, 2))), ("b", Parameter(zeros(2), requires_grad: false)));
        dictionary["w"] = Parameter(ones(3));
        Assert.Equal(["w", "b"], dictionary.named_parameters(recurse: false).Select(named => named.name));
        Assert.Equal(float64, dictionary.@double()["w"].dtype);
        Assert.True(dictionary.has_parameter("b"));
        Assert.False(dictionary["b"].requires_grad);
    }

    /// <summary>Code that leaves it out would not compile against TorchSharp.</summary>
    [Fact]
    public void A_dictionary_of_parameters_wants_to_be_told_whether_to_recurse() =>
        Assert.False(typeof(ParameterDict).GetMethod("named_parameters")!.GetParameters().Single().IsOptional);

    [Fact]
    public void A_model_trains_what_its_containers_hold()
    {
        using var scope = NewDisposeScope();
        using var model = new Holder();
        string[] names = ["named.x.bias", "named.x.weight", "parts.0.bias", "parts.0.weight", "scales.0"];
        Assert.Equal(names, model.named_parameters().Select(named => named.name).Order(StringComparer.Ordinal));
        model.call(ones(1, 2)).sum().backward();
        Assert.All(model.parameters(), parameter => Assert.NotNull(parameter.grad));
    }

    [Fact]
    public void A_part_of_a_sequential_shares_the_modules()
    {
        using var scope = NewDisposeScope();
        using var whole = Sequential(("a", Linear(2, 3)), ("b", ReLU()), ("c", Linear(3, 1)));
        var part = whole[1..];
        Assert.Equal(["b", "c"], part.named_children().Select(child => child.name));
        Assert.Same(whole[2], part[1]);
        Assert.Equal(2, whole[(null, 2)].Count);
        Assert.Equal(["1.weight", "1.bias"], Sequential(Tuple.Create<string, Module<Tensor, Tensor>>("1", Linear(1, 1))).state_dict().Keys);
    }

    [Fact]
    public void A_sequential_of_two_inputs_is_what_its_subclass_makes_of_it()
    {
        using var scope = NewDisposeScope();
        using var sequential = new Chain(Bilinear(2, 2, 3), Linear(3, 1));
        Assert.Equal([4L, 1L], sequential.call(ones(4, 2), ones(4, 2)).shape);
        Assert.Equal(["0.weight", "0.bias", "1.weight", "1.bias"], sequential.state_dict().Keys);
        Assert.Equal(1, sequential[1..].Count);
    }

    [Fact]
    public void A_weight_stands_once_in_a_model_and_may_be_replaced()
    {
        using var scope = NewDisposeScope();
        var linear = Linear(2, 2);
        using var model = Sequential(("fc", linear), ("norm", BatchNorm1d(2)));
        linear.weight = Parameter(full(2, 2, 7.0f));
        Assert.Equal(["fc.bias", "fc.weight"], model.state_dict().Keys.Where(key => key.StartsWith("fc", StringComparison.Ordinal)).Order());
        Assert.Equal(7, model.get_parameter("fc.weight")![0, 0].item<float>());
        Assert.Equal(3, model.buffers().Count());
    }

    [Fact]
    public void A_module_refuses_a_type_that_holds_no_gradient()
    {
        using var linear = Linear(1, 1);
        Assert.Contains("Int64", Assert.Throws<ArgumentException>(() => linear.@long()).Message, StringComparison.Ordinal);
        Assert.Equal(float16, linear.half().weight.dtype);
        Assert.Throws<InvalidOperationException>(() => ReLU().register_parameter("x", Parameter(ones(1))));
    }

    private sealed class Chain : Sequential<Tensor, Tensor, Tensor>
    {
        public Chain(params Module[] modules) : base(modules)
        {
        }

        public override Tensor forward(Tensor input1, Tensor input2) =>
            ((Module<Tensor, Tensor>)this[1]).call(((Module<Tensor, Tensor, Tensor>)this[0]).call(input1, input2));

        protected override Sequential<Tensor, Tensor, Tensor> Slice(int start, int end) => new Chain([.. Enumerable.Range(start, end - start).Select(i => this[i])]);
    }

    private sealed class Holder : Module<Tensor, Tensor>
    {
        private readonly ModuleList<Linear> parts = ModuleList(Linear(2, 2));
        private readonly ParameterList scales = ParameterList(Parameter(ones(2)));
        private readonly ModuleDict<Linear> named = ModuleDict(("x", Linear(2, 1)));

        public Holder() : base(nameof(Holder)) => RegisterComponents();

        public override Tensor forward(Tensor input) => named["x"].call(parts[0].call(input) * scales[0]);
    }
}
