using Repro.Studies.Options;

namespace Repro.Experiments.Transformer;

/// <summary>The setting of a nanoGPT run. Every default is that of config/train_shakespeare_char.py, and of train.py and model.py where that file says nothing.</summary>
public sealed record GptOptions
{
    [Option("Characters to learn; 'generated' needs no file and has a known best possible loss.", Choices = [GptText.Shakespeare, "generated"], Source = "data/shakespeare_char")]
    public string Data { get; init; } = GptText.Shakespeare;

    [Option("Blocks, one above the other.", Min = 1, Max = 96, Source = "n_layer")]
    public int Layers { get; init; } = 6;

    [Option("Attention heads of each block; they share the width evenly.", Min = 1, Max = 128, Source = "n_head")]
    public int Heads { get; init; } = 6;

    [Option("Numbers that stand for a character between blocks; the inner layer of a block has four times as many.", Min = 2, Max = 12_288, Source = "n_embd")]
    public int Width { get; init; } = 384;

    [Option("Characters that a prediction may look back on.", Min = 2, Max = 8192, Source = "block_size")]
    public int Context { get; init; } = 256;

    [Option("Biases in linear layers and normalizations, as GPT-2 has.", Source = "bias: False in train.py")]
    public bool Bias { get; init; }

    [Option(
        "How a block knows where characters stand: by a learned vector for each place, or only by what each one may look back on.",
        Choices = ["learned", "none"], Source = "model.py")]
    public string Positions { get; init; } = "learned";

    [Option("The vector of a character is also what its logit is computed with.", Source = "model.py")]
    public bool TiedEmbeddings { get; init; } = true;

    [Option("Share of numbers dropped: of embeddings, attention weights, and what each half of a block adds.", Min = 0, Max = 0.95, Source = "dropout")]
    public double Dropout { get; init; } = 0.2;

    [Option("Optimizer steps; the learning rate falls until the last one.", Min = 1, Max = 100_000_000, Source = "max_iters, lr_decay_iters")]
    public long Steps { get; init; } = 5000;

    [Option("Pieces of text a step, each as long as the context.", Min = 1, Max = 65_536, Source = "batch_size")]
    public int BatchSize { get; init; } = 64;

    [Option("Learning rate after the warm-up.", Min = 0, Max = 10, Source = "learning_rate")]
    public double LearningRate { get; init; } = 1e-3;

    [Option("Share of it that is left at the end.", Min = 0, Max = 1, Source = "min_lr: 1e-4, \"learning_rate / 10 usually\"")]
    public double FinalRate { get; init; } = 0.1;

    [Option("Steps in which the learning rate rises, even if there are no more.", Min = 0, Max = 1_000_000, Source = "warmup_iters")]
    public long Warmup { get; init; } = 100;

    [Option("Decay of the mean of the gradient in AdamW.", Min = 0, Max = 0.9999, Source = "beta1 in train.py")]
    public double Beta1 { get; init; } = 0.9;

    [Option("Decay of the mean of its square.", Min = 0, Max = 0.99999, Source = "beta2")]
    public double Beta2 { get; init; } = 0.99;

    [Option(
        "Share by which AdamW shrinks matrices and embeddings a step, times the learning rate; biases and normalizations are left alone.",
        Min = 0, Max = 10, Source = "weight_decay in train.py")]
    public double WeightDecay { get; init; } = 0.1;

    [Option("Largest norm of the gradient.", Min = 1e-6, Max = 1e6, Source = "grad_clip in train.py")]
    public double Clip { get; init; } = 1;

    [Option(
        "Type in which matrix products are computed; parameters stay in float32.",
        Choices = ["float32", "bfloat16"], Source = "dtype in train.py: bfloat16 on a GPU that has it")]
    public string Precision { get; init; } = "bfloat16";

    [Option("Steps between evaluations.", Min = 1, Max = 1_000_000, Source = "eval_interval")]
    public long EvaluateEvery { get; init; } = 250;

    [Option("Random batches of validation text whose mean loss is the sampled estimate; 0 leaves it out.", Min = 0, Max = 100_000, Source = "eval_iters")]
    public int SampledBatches { get; init; } = 200;

    /// <summary>What is wrong with the options together; null where nothing is.</summary>
    public string? Complaint() =>
        Width % Heads != 0
            ? $"The heads share the width evenly; width={Width} is no multiple of heads={Heads}. " +
              $"Set width={Width / Heads * Heads + (Width < Heads ? Heads : 0)}, or other heads."
            : null;
}
