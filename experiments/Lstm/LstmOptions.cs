using Repro.Studies.Options;

namespace Repro.Experiments.Lstm;

/// <summary>The setting of an LSTM run. Every default is that of the paper's small network (Zaremba et al. 2014, section 4.1).</summary>
public sealed record LstmOptions
{
    [Option("Text to learn; 'generated' needs no file: symbols of a Markov source whose entropy is known.", Choices = ["ptb", "generated"], Source = "section 4.1")]
    public string Data { get; init; } = "ptb";

    [Option("'validation' never computes a test metric; 'test' reads test once, at the end.", Choices = ["validation", "test"], Source = "Table 1")]
    public string Evaluate { get; init; } = "test";

    [Option("Trains on the first so many words of the training text, ends of lines counted; 0 takes all. The vocabulary is that of the whole text.", Min = 0, Max = 100_000_000)]
    public int TrainWords { get; init; }

    [Option("LSTM layers.", Min = 1, Max = 16, Source = "section 4.1")]
    public int Layers { get; init; } = 2;

    [Option("Units a layer, and of a word's vector.", Min = 1, Max = 8192, Source = "section 4.1: 200, 650 (medium), 1500 (large)")]
    public int Hidden { get; init; } = 200;

    [Option("Words that the gradient goes back through.", Min = 1, Max = 1000, Source = "section 4.1: 20, 35 (medium, large)")]
    public int Unroll { get; init; } = 20;

    [Option("Streams that the text is cut into; each step takes a piece of every one.", Min = 1, Max = 4096, Source = "section 4.1")]
    public int BatchSize { get; init; } = 20;

    [Option("Share of the non-recurrent connections that is dropped: before each layer and before the softmax.", Min = 0, Max = 0.95,
        Source = "section 3.2; section 4.1: 0, 0.5 (medium), 0.65 (large)")]
    public double Dropout { get; init; }

    [Option("Share of the recurrent connections that is dropped, anew at every word; the paper drops none.", Min = 0, Max = 0.95, Source = "section 3.2")]
    public double RecurrentDropout { get; init; }

    [Option("Parameters begin uniform between minus and plus this.", Min = 0, Max = 10, Source = "section 4.1: 0.1, 0.05 (medium), 0.04 (large)")]
    public double InitRange { get; init; } = 0.1;

    [Option("Passes through the training text.", Min = 1, Max = 10_000, Source = "section 4.1: 13, 39 (medium), 55 (large)")]
    public int Epochs { get; init; } = 13;

    [Option("Ends training after so many steps; 0 trains all epochs. The learning rate goes by epochs either way.", Min = 0, Max = 100_000_000)]
    public long Steps { get; init; }

    [Option(
        "Learning rate of SGD before it decays, on the gradient that is summed over the words of a step and averaged over the streams.",
        Min = 0, Max = 1000, Source = "section 4.1")]
    public double LearningRate { get; init; } = 1;

    [Option("Every epoch after these many is followed by a division of the learning rate.", Min = 0, Max = 10_000, Source = "section 4.1: 4, 6 (medium), 14 (large)")]
    public int DecayAfter { get; init; } = 4;

    [Option("What the learning rate is divided by.", Min = 1, Max = 1000, Source = "section 4.1: 2, 1.2 (medium), 1.15 (large)")]
    public double Decay { get; init; } = 2;

    [Option("Longest that gradient may be, as one vector; longer ones are shortened to it.", Min = 1e-6, Max = 1e9, Source = "section 4.1: 5, 10 (large)")]
    public double Clip { get; init; } = 5;

    [Option(
        "Networks trained one after another from different parameters; their predicted probabilities are averaged.",
        Min = 1, Max = 100, Source = "section 4.1, Table 1: model averaging")]
    public int Members { get; init; } = 1;
}
