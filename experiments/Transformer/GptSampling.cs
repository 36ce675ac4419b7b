using Repro.Studies.Options;

namespace Repro.Experiments.Transformer;

/// <summary>How text is sampled; the defaults are those of nanoGPT's sample.py.</summary>
public sealed record GptSampling
{
    [Option(
        "Divides the logits: below 1 likely characters become likelier, above 1 all become more alike; 0 takes the likeliest each time.",
        Min = 0, Max = 100, Source = "temperature")]
    public double Temperature { get; init; } = 0.8;

    [Option("Only so many of the likeliest characters are drawn from; 0 draws from all.", Min = 0, Max = 1_000_000, Source = "top_k")]
    public int TopK { get; init; } = 200;

    [Option("Characters to write.", Min = 1, Max = 1_000_000, Source = "max_new_tokens")]
    public int Length { get; init; } = 500;
}
