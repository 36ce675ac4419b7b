using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Training.Killable;

/// <summary>
/// Lion (Chen et al. 2023, arXiv:2302.06675, Algorithm 2), as a paper would bring its own optimizer: derived from TorchSharp's base with what that gives to
/// anyone, in another assembly than the engine's.
/// </summary>
public sealed class Lion : OptimizerHelper
{
    public Lion(IEnumerable<Parameter> parameters, double learningRate, double beta1 = 0.9, double beta2 = 0.99, double weightDecay = 0)
    {
        _defaults = new Options { LearningRate = learningRate, Beta1 = beta1, Beta2 = beta2, WeightDecay = weightDecay };
        _parameter_groups = new List<ParamGroup>();
        add_param_group(new ParamGroup<Options>(parameters));
    }

    public override Tensor step(Func<Tensor>? closure = null) => _step<ParamGroup<Options>>(group =>
    {
        var (options, rate) = (group.Options, group.LearningRate);
        foreach (var parameter in group.Parameters)
        {
            if (parameter.grad is not { } gradient) continue;
            var state = (State)_state[parameter.Handle];
            state.Momentum ??= zeros_like(parameter).DetachFromDisposeScope();
            var update = ((state.Momentum * options.Beta1) + (gradient * (1 - options.Beta1))).sign();
            parameter.mul_(1 - (rate * options.WeightDecay)).add_(update, alpha: -rate);
            state.Momentum.mul_(options.Beta2).add_(gradient, alpha: 1 - options.Beta2);
            state.Steps++;
        }
    }, closure);

    public override void add_param_group(ParamGroup param_group)
    {
        var defaults = (Options)_defaults!;
        param_group.Options ??= new Options { LearningRate = defaults.LearningRate, Beta1 = defaults.Beta1, Beta2 = defaults.Beta2, WeightDecay = defaults.WeightDecay };
        param_group.Options.InitialLearningRate = param_group.LearningRate;
        param_group.Parameters = param_group.Parameters.ToList();
        _parameter_groups.Add(param_group);
        foreach (var parameter in param_group.Parameters) _state[parameter.Handle] = new State(parameter);
    }

    // TorchSharp's base leaves the states to the class that made them.
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            foreach (var state in _state.Values) ((State)state).Dispose();
        base.Dispose(disposing);
    }

    public sealed class Options : OptimizerOptions
    {
        public double Beta1 { get; set; }

        public double Beta2 { get; set; }

        public double WeightDecay { get; set; }

        public override void SaveStateDict(BinaryWriter writer)
        {
            base.SaveStateDict(writer);
            writer.Write(Beta1);
            writer.Write(Beta2);
            writer.Write(WeightDecay);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            base.LoadStateDict(reader);
            (Beta1, Beta2, WeightDecay) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
        }

        public override void LoadStateDict(OptimizerOptions source)
        {
            base.LoadStateDict(source);
            var other = (Options)source;
            (Beta1, Beta2, WeightDecay) = (other.Beta1, other.Beta2, other.WeightDecay);
        }
    }

    public sealed class State(Parameter parameter) : OptimizerState(parameter), IDisposable
    {
        private Tensor? momentum;

        public Tensor? Momentum { get => momentum; set => momentum = value; }

        public long Steps { get; set; }

        public void Dispose() => momentum?.Dispose();

        public override void Initialize(OptimizerOptions options)
        {
            momentum?.Dispose();
            (momentum, Steps) = (null, 0);
        }

        public override void SaveStateDict(BinaryWriter writer)
        {
            SaveConditionalStateTensor(writer, momentum!);
            writer.Write(Steps);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            LoadConditionalStateTensor(reader, ref momentum!, _parameter.device);
            Steps = reader.ReadInt64();
        }

        public override void LoadStateDict(OptimizerState source)
        {
            momentum?.Dispose();
            momentum = ((State)source).momentum?.to(_parameter.device, copy: true);
            Steps = ((State)source).Steps;
        }

        public override bool ApproximatelyEquals(OptimizerState other) =>
            other is State state && Steps == state.Steps && (momentum is null ? state.momentum is null : state.momentum is { } theirs && momentum.allclose(theirs));
    }
}
