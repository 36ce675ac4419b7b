using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

public class OptimizerTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var name in OptimizerCases.All.Keys)
                foreach (var type in new[] { "float32", "float64" })
                    data.Add(name, type);
            return data;
        }
    }

    public static TheoryData<string> WithState => [.. OptimizerCases.All.Keys.Where(name => !name.StartsWith("lbfgs", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fifty_steps_follow_the_trajectory_of_PyTorch(string name, string type)
    {
        using var scope = NewDisposeScope();
        var (relative, absolute) = type == "float64" ? (1e-12, 1e-12) : (2e-5, 2e-6);
        var parameters = OptimizerCases.Starts(type == "float64" ? float64 : float32);
        using var optimizer = OptimizerCases.All[name](parameters);
        for (var step = 1; step <= 50; step++)
        {
            OptimizerCases.Step(optimizer, parameters);
            if (step is 1 or 2 or 10 or 50)
                for (var i = 0; i < parameters.Length; i++)
                    ReferenceValues.Optimizers.AssertEqual($"{name}.{type}.{step}.{i}", parameters[i], relative, absolute);
        }
        if (optimizer is ASGD averaging)
            ReferenceValues.Optimizers.AssertEqual($"{name}.{type}.average", ((ASGD.State)averaging.state_dict().State[0]).ax, relative, absolute);
    }

    [Fact]
    public void Every_optimizer_of_the_reference_has_its_counterpart_here() =>
        Assert.Equal(ReferenceValues.Optimizers.Names.Where(name => name.EndsWith(".float64.50.0", StringComparison.Ordinal)).Select(name => name[..^13]).Order(), OptimizerCases.All.Keys.Order());

    [Theory]
    [MemberData(nameof(WithState))]
    public void Saved_state_continues_with_the_same_bits(string name)
    {
        using var scope = NewDisposeScope();
        var parameters = OptimizerCases.Starts(float32);
        using var optimizer = (OptimizerHelper)OptimizerCases.All[name](parameters);
        for (var i = 0; i < 5; i++)
            OptimizerCases.Step(optimizer, parameters);
        Parameter[] Copies() => [.. parameters.Select(p => new Parameter(p.detach().clone()))];
        var (fromFile, fromMemory) = (Copies(), Copies());
        using var other = (OptimizerHelper)OptimizerCases.All[name](fromFile);
        using var third = (OptimizerHelper)OptimizerCases.All[name](fromMemory);
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true))
            optimizer.save_state_dict(writer);
        stream.Position = 0;
        using (var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true))
            other.load_state_dict(reader);
        Assert.Equal(stream.Length, stream.Position);
        third.load_state_dict(optimizer.state_dict());
        Assert.All(optimizer.state_dict().State.Zip(other.state_dict().State), pair => Assert.True(pair.First.ApproximatelyEquals(pair.Second)));
        for (var i = 0; i < 5; i++)
        {
            OptimizerCases.Step(optimizer, parameters);
            OptimizerCases.Step(other, fromFile);
            OptimizerCases.Step(third, fromMemory);
        }
        for (var i = 0; i < parameters.Length; i++)
        {
            Assert.True(fromFile[i].Equals(parameters[i]));
            Assert.True(fromMemory[i].Equals(parameters[i]));
        }
    }

    [Theory]
    [MemberData(nameof(WithState))]
    public void Before_the_first_step_a_state_has_all_its_tensors_and_goes_to_another_optimizer(string name)
    {
        using var scope = NewDisposeScope();
        var (parameters, others) = (OptimizerCases.Starts(float32), OptimizerCases.Starts(float32));
        using var optimizer = (OptimizerHelper)OptimizerCases.All[name](parameters);
        using var other = (OptimizerHelper)OptimizerCases.All[name](others);
        foreach (var state in optimizer.state_dict().State)
            foreach (var field in state.GetType().GetFields().Where(field => field.FieldType == typeof(Tensor)))
            {
                var value = (Tensor?)field.GetValue(state);
                // TorchSharp has no momentum before SGD's first step, and no largest square without amsgrad.
                Assert.Equal(field.Name != "momentum_buffer" || state is not SGD.State, value is not null || (field.Name == "max_exp_avg_sq" && !name.Contains("amsgrad", StringComparison.Ordinal)));
                if (field.Name is not ("step_size" or "sum"))
                    Assert.True(value is null || value.eq(0).all().item<bool>(), field.Name);
            }
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true))
            optimizer.save_state_dict(writer);
        OptimizerCases.Step(other, others);
        stream.Position = 0;
        using (var reader = new BinaryReader(stream))
            other.load_state_dict(reader);
        Assert.All(optimizer.state_dict().State.Zip(other.state_dict().State), pair => Assert.True(pair.First.ApproximatelyEquals(pair.Second)));
    }

    [Theory]
    [InlineData("adam_amsgrad_decay")]
    [InlineData("rmsprop_centered_momentum_maximize")]
    public void What_a_state_lacks_is_made_by_the_step_and_kept(string name)
    {
        using var scope = NewDisposeScope();
        var (parameters, whole) = (OptimizerCases.Starts(float32), OptimizerCases.Starts(float32));
        using var optimizer = (OptimizerHelper)OptimizerCases.All[name](parameters);
        using var other = OptimizerCases.All[name](whole);
        foreach (var state in optimizer.state_dict().State)
            foreach (var field in state.GetType().GetFields().Where(field => field.FieldType == typeof(Tensor) && field.Name != "square_avg"))
            {
                ((Tensor)field.GetValue(state)!).Dispose();
                field.SetValue(state, null);
            }
        for (var step = 0; step < 3; step++)
        {
            OptimizerCases.Step(optimizer, parameters);
            OptimizerCases.Step(other, whole);
        }
        for (var i = 0; i < parameters.Length; i++)
            Assert.True(parameters[i].Equals(whole[i]));
    }

    [Theory]
    [InlineData("adam")]
    [InlineData("adamw_amsgrad_maximize")]
    [InlineData("rmsprop")]
    [InlineData("adagrad")]
    [InlineData("rprop")]
    public void A_state_is_read_into_the_tensors_that_are_there_and_one_of_another_shape_is_refused(string name)
    {
        using var scope = NewDisposeScope();
        var parameters = OptimizerCases.Starts(float32);
        using var optimizer = (OptimizerHelper)OptimizerCases.All[name](parameters);
        using var other = (OptimizerHelper)OptimizerCases.All[name]([.. parameters.Select(each => new Parameter(zeros(each.numel() + 1)))]);
        OptimizerCases.Step(optimizer, parameters);
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true))
            optimizer.save_state_dict(writer);
        Tensor[] Tensors() => [.. optimizer.state_dict().State.SelectMany(state => state.GetType().GetFields().Select(field => field.GetValue(state)).OfType<Tensor>())];
        var before = Tensors();
        using var reader = new BinaryReader(stream);
        stream.Position = 0;
        optimizer.load_state_dict(reader);
        Assert.Equal(before, Tensors(), ReferenceEqualityComparer.Instance);
        stream.Position = 0;
        Assert.Contains("Mismatched tensor shape", Assert.Throws<ArgumentException>(() => other.load_state_dict(reader)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_optimizer_frees_all_that_a_step_makes()
    {
        foreach (var make in OptimizerCases.All.Values)
        {
            using var scope = NewDisposeScope();
            var parameters = OptimizerCases.Starts(float32);
            using var optimizer = make(parameters);
            for (var i = 0; i < 3; i++)
                OptimizerCases.Step(optimizer, parameters);
            var before = scope.DisposablesCount;
            OptimizerCases.Step(optimizer, parameters);
            Assert.Equal(before, scope.DisposablesCount);
        }
    }

    [Fact]
    public void A_step_has_the_same_bits_with_any_number_of_threads()
    {
        using var scope = NewDisposeScope();
        var threads = get_num_threads();
        try
        {
            var results = new[] { 1, 2 }.Select(count =>
            {
                set_num_threads(count);
                manual_seed(3);
                var parameter = new Parameter(randn(300, 701));
                parameter.grad = randn(300, 701);
                using var optimizer = optim.Adam([parameter], 0.1, weight_decay: 0.01);
                optimizer.step();
                optimizer.step();
                var norm = Fused.ClipGradientNorm([parameter], 1);
                return (parameter, norm);
            }).ToArray();
            Assert.True(results[0].parameter.Equals(results[1].parameter));
            Assert.Equal(results[0].norm, results[1].norm);
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [Fact]
    public void A_parameter_without_a_gradient_stays_as_it_is()
    {
        using var scope = NewDisposeScope();
        var parameters = OptimizerCases.Starts(float32);
        var before = parameters[1].detach().clone();
        using var optimizer = optim.SGD(parameters, 0.1, momentum: 0.9, weight_decay: 0.5);
        parameters[0].sum().backward();
        optimizer.step();
        Assert.True(parameters[1].detach().Equals(before));
    }

    [Fact]
    public void A_parameter_that_is_not_contiguous_is_stepped_all_the_same()
    {
        using var scope = NewDisposeScope();
        var turned = new Parameter(arange(6, float32).reshape(2, 3).t());
        turned.grad = ones(3, 2);
        using var optimizer = optim.SGD([turned], 0.5, momentum: 0.9);
        optimizer.step();
        Assert.True(turned.detach().Equals(tensor(new[,] { { -0.5f, 2.5f }, { 0.5f, 3.5f }, { 1.5f, 4.5f } })));
    }

    [Fact]
    public void Groups_have_their_own_learning_rates_and_schedules_change_them()
    {
        using var scope = NewDisposeScope();
        var parameters = OptimizerCases.Starts(float32);
        using var optimizer = optim.SGD([new SGD.ParamGroup([parameters[0]], new SGD.Options { LearningRate = 0.5 }), new SGD.ParamGroup { Parameters = [parameters[1]] }], 0.1);
        Assert.Equal([0.5, 0.1], optimizer.ParamGroups.Select(group => group.LearningRate));
        var schedule = optim.lr_scheduler.StepLR(optimizer, 2, 0.1);
        var rates = new List<double>();
        for (var i = 0; i < 4; i++)
        {
            rates.Add(optimizer.ParamGroups.Last().LearningRate);
            schedule.step();
        }
        Assert.Equal([0.1, 0.1, 0.01, 0.01], rates.Select(rate => Math.Round(rate, 12)));
    }

    [Fact]
    public void Clipping_by_norm_scales_all_gradients_together()
    {
        using var scope = NewDisposeScope();
        foreach (var fused in new[] { false, true })
        {
            var parameters = new[] { new Parameter(zeros(2)), new Parameter(zeros(1, dtype: float64)), new Parameter(zeros(1)) };
            parameters[0].grad = tensor([3f, 0f]);
            parameters[1].grad = tensor([4.0]);
            var norm = fused ? Fused.ClipGradientNorm(parameters, 1) : nn.utils.clip_grad_norm_(parameters, 1);
            Assert.Equal(5, norm, 1e-5);
            Assert.Equal(0.6f, parameters[0].grad![0].item<float>(), 1e-5);
            Assert.Equal(0.8, parameters[1].grad!.item<double>(), 1e-5);
            Assert.Null(parameters[2].grad);
        }
    }

    [Fact]
    public void A_moving_average_follows_and_copies_what_is_no_number()
    {
        using var scope = NewDisposeScope();
        var averages = new[] { tensor([1f, 2f]), tensor(3L) };
        Fused.MovingAverage(averages, [tensor([3f, 0f]), tensor(8L)], 0.25);
        Assert.True(averages[0].Equals(tensor([1.5f, 1.5f])));
        Assert.Equal(8, averages[1].item<long>());
    }
}
