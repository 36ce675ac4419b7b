using Repro.Studies.Options;

namespace Repro.Experiments.Transformer;

/// <summary>By what the log-probability of a translation is divided, so that long ones are not at a disadvantage.</summary>
public enum LengthNormalization
{
    /// <summary>((5 + |Y|) / 6)^alpha (Wu et al. 2016, Eq. 14), as in section 6.1.</summary>
    Gnmt,

    /// <summary>|Y|^alpha, |Y| with the sentence end.</summary>
    Length,
}

/// <summary>
/// The setting of a Transformer run. The paper's own data are out of reach (WMT 2014 takes days of accelerators), so every default is the published tiny setting on Multi30k:
/// README-baseline.md of LividWo/Revisit-MMT, whose code is fairseq's with an architecture <c>transformer_tiny</c>. The profile <c>base</c> has the paper's Table 3, row base.
/// </summary>
public sealed record TransformerOptions
{
    [Option("Sentence pairs to learn; 'generated' needs no file, and its best possible loss and BLEU are known.",
        Choices = ["multi30k-bpe", "generated"], Source = "README-baseline; WMT 2014 in section 5.1")]
    public string Data { get; init; } = "multi30k-bpe";

    [Option("'validation' never computes a test metric; 'test' reads test once, at the end.", Choices = ["validation", "test"], Source = "README-baseline")]
    public string Evaluate { get; init; } = "test";

    [Option("Trains on the first so many pairs; 0: on all. Fewer are seen more often in the same time.", Min = 0, Max = 100_000_000, Source = "README-baseline: all 29,000")]
    public int Pairs { get; init; }

    [Option("Layers of the encoder, and of the decoder: N.", Min = 1, Max = 64, Source = "transformer_tiny; 6 in section 3.1")]
    public int Layers { get; init; } = 4;

    [Option("Size of embeddings and states: d_model.", Min = 2, Max = 8192, Source = "transformer_tiny; 512 in section 3.1")]
    public int ModelSize { get; init; } = 128;

    [Option("Size between the two products of the feed-forward layers: d_ff.", Min = 1, Max = 65_536, Source = "transformer_tiny; 2048 in section 3.3")]
    public int FeedForward { get; init; } = 256;

    [Option("Heads of every attention: h; divides model_size.", Min = 1, Max = 256, Source = "transformer_tiny; 8 in section 3.2.2")]
    public int Heads { get; init; } = 4;

    [Option("How the place of a symbol is told.", Source = "section 3.5; learned: Table 3, row (E)")]
    public PositionKind Positions { get; init; } = PositionKind.Sinusoids;

    [Option("Dropout of sub-layers' outputs and of the sums of embeddings and positions: P_drop.", Min = 0, Max = 0.95, Source = "README-baseline; 0.1 in section 5.4")]
    public double Dropout { get; init; } = 0.3;

    [Option("Dropout of attention weights.", Min = 0, Max = 0.95, Source = "transformer_tiny: none; the paper's text has none")]
    public double AttentionDropout { get; init; }

    [Option("Dropout inside the feed-forward layers, behind the ReLU.", Min = 0, Max = 0.95, Source = "transformer_tiny: none; the paper's text has none")]
    public double ReluDropout { get; init; }

    [Option("Probability that the loss takes from the right symbol and spreads over all: epsilon_ls.", Min = 0, Max = 0.99, Source = "section 5.4; fairseq's default")]
    public double LabelSmoothing { get; init; } = 0.1;

    [Option("Optimizer steps.", Min = 1, Max = 100_000_000, Source = "README-baseline: 8,000 updates")]
    public long Steps { get; init; } = 8000;

    [Option(
        "Symbols a step, padding included, counted on the longer of the two sides.",
        Min = 32, Max = 10_000_000, Source = "README-baseline: 4,096 on each of two GPUs; about 25,000 in section 5.1")]
    public int BatchTokens { get; init; } = 8192;

    [Option(
        "Batches of sentences of like length that make a step together, each of batch_tokens / batches symbols.",
        Min = 1, Max = 64, Source = "README-baseline: one on each of two GPUs")]
    public int Batches { get; init; } = 2;

    [Option("Learning rate at the end of the warm-up; 0 takes section 5.3's (d_model x warmup)^-0.5.", Min = 0, Max = 10, Source = "README-baseline; Eq. (3)")]
    public double PeakLearningRate { get; init; } = 0.005;

    [Option(
        "Steps in which the learning rate rises; it falls with the inverse square root of the step after them.",
        Min = 1, Max = 10_000_000, Source = "README-baseline; 4,000 in section 5.3")]
    public long Warmup { get; init; } = 2000;

    [Option(
        "Snapshots of the parameters, the last one at the end, whose mean is the result; 1 takes the last iterate.",
        Min = 1, Max = 1000, Source = "evaluate.sh: the last 10 epochs; the last 5 in section 6.1")]
    public int Average { get; init; } = 10;

    [Option("Steps between these snapshots; 0: an epoch.", Min = 0, Max = 10_000_000, Source = "evaluate.sh: an epoch; 10 minutes in section 6.1")]
    public long AverageEvery { get; init; }

    [Option("Hypotheses a sentence while translating; 1 is greedy, 0 translates nothing and gives no BLEU.", Min = 0, Max = 256, Source = "evaluate.sh; 4 in section 6.1")]
    public int Beam { get; init; } = 5;

    [Option("By what the log-probability of a hypothesis is divided.", Source = "fairseq; section 6.1 has gnmt")]
    public LengthNormalization LengthNormalization { get; init; } = LengthNormalization.Length;

    [Option("Exponent of that divisor: alpha; 0 divides by nothing.", Min = 0, Max = 10, Source = "fairseq's default; 0.6 in section 6.1")]
    public double LengthPenalty { get; init; } = 1;

    /// <summary>Steps before the last one where the first of the averaged snapshots is taken, and between them.</summary>
    internal long SnapshotEvery(long stepsPerEpoch) => AverageEvery == 0 ? stepsPerEpoch : AverageEvery;

    /// <summary>The learning rate at the end of the warm-up.</summary>
    internal double Peak => PeakLearningRate > 0 ? PeakLearningRate : Math.Pow((double)ModelSize * Warmup, -0.5);

    internal TransformerShape Shape(int symbols) => new(symbols, Layers, ModelSize, FeedForward, Heads, Dropout, AttentionDropout, ReluDropout, Positions);

    /// <summary>What is wrong with the options together; null where nothing is.</summary>
    public string? Complaint() =>
        ModelSize % Heads != 0
            ? $"The heads share the model's size, so heads must divide model_size; {Heads} does not divide {ModelSize}. Powers of two do."
        : Data == "generated" && Pairs > GeneratedTranslation.Training
            ? $"The generated task has {GeneratedTranslation.Training:N0} training pairs; {Pairs:N0} were wanted. Lower pairs, or leave it at 0."
        : BatchTokens / Batches < 32
            ? $"Each of the {Batches} batches of a step has batch_tokens / batches = {BatchTokens / Batches} symbols, and needs at least 32. Raise batch_tokens or lower batches."
        : null;
}
