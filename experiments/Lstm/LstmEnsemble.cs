using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Lstm;

/// <summary>One network, or several whose predicted probabilities are averaged (section 4.1, "model averaging").</summary>
public sealed class LstmEnsemble : Module
{
    private readonly ModuleList<LstmModel> members;

    /// <param name="words">Size of the vocabulary.</param>
    /// <param name="capacity">Units a layer, as a share of the options' own.</param>
    /// <param name="seed">The parameters depend on it alone; those of the first member not on how many there are.</param>
    public LstmEnsemble(LstmOptions options, int words, ulong seed, double capacity = 1)
        : base(nameof(LstmEnsemble))
    {
        var values = new InitialValues(seed);
        var units = Math.Max(1, (int)Math.Round(options.Hidden * capacity));
        members = ModuleList([.. Enumerable.Range(0, options.Members).Select(_ =>
            new LstmModel(words, options.Layers, units, options.Dropout, options.RecurrentDropout, options.InitRange, values))]);
        RegisterComponents();
    }

    public LstmModel this[int member] => members[member];

    /// <summary>What the members make of pieces of text that follow each other, in evaluation mode and without gradients.</summary>
    /// <param name="members">So many of them, the first ones.</param>
    /// <param name="streams">Texts read side by side.</param>
    public Reading Read(int members, long streams) => new([.. Enumerable.Range(0, members).Select(member => this.members[member])], streams);

    /// <summary>The members with their states after what they read so far.</summary>
    public sealed class Reading(IReadOnlyList<LstmModel> members, long streams) : IDisposable
    {
        private readonly LstmState[] _states = [.. members.Select(member => member.Begin(streams).Detached())];

        /// <summary>Log-probability of each of <paramref name="next"/>, in nats.</summary>
        /// <param name="words">Steps x streams.</param>
        /// <param name="next">The words that follow each, of the same shape.</param>
        /// <returns>[steps * streams].</returns>
        public Tensor LogProbabilities(Tensor words, Tensor next)
        {
            using var scope = NewDisposeScope();
            var classes = next.reshape(-1);
            var each = Logits(words).Select(logits => functional.cross_entropy(logits.reshape(classes.numel(), -1), classes, reduction: Reduction.None).neg()).ToArray();
            return Mean(each).MoveToOuterDisposeScope();
        }

        /// <summary>Log-probability of every word after the last of <paramref name="words"/>: streams x words of the vocabulary.</summary>
        /// <param name="words">Steps x streams.</param>
        /// <param name="temperature">What the logits are divided by; 1 is the model itself.</param>
        public Tensor Next(Tensor words, double temperature = 1)
        {
            using var scope = NewDisposeScope();
            var each = Logits(words).Select(logits => (logits.select(0, -1) / temperature).log_softmax(-1)).ToArray();
            return Mean(each).MoveToOuterDisposeScope();
        }

        public void Dispose()
        {
            foreach (var state in _states) state.Dispose();
        }

        private IEnumerable<Tensor> Logits(Tensor words)
        {
            for (var member = 0; member < members.Count; member++)
            {
                var (logits, state) = members[member].call(words, _states[member]);
                _states[member].Dispose();
                _states[member] = state.Detached();
                yield return logits;
            }
        }

        // ln of the mean of exp.
        private static Tensor Mean(Tensor[] each) => each.Length == 1 ? each[0] : stack(each).logsumexp(0) - Math.Log(each.Length);
    }
}
