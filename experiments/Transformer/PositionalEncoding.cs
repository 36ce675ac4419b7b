using Repro.Studies;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Transformer;

/// <summary>What tells the layers where a symbol stands (section 3.5).</summary>
public enum PositionKind
{
    /// <summary>Sines and cosines of wavelengths from 2 pi to 10,000 x 2 pi; no parameters.</summary>
    Sinusoids,

    /// <summary>A learned vector a place: row (E) of Table 3.</summary>
    Learned,
}

/// <summary>Adds a vector for the place to each embedding, then drops some of the sums (section 5.4).</summary>
internal sealed class PositionalEncoding : Module<Tensor, Tensor>
{
    /// <summary>Places there are. The longest sentence of Multi30k has 51 pieces.</summary>
    public const int Places = 256;

    private readonly Tensor? table;                                 // a buffer: [places, d]
    private readonly Parameter? weight;                             // [places, d]
    private readonly Dropout dropout;

    public PositionalEncoding(TransformerShape shape, InitialValues values)
        : base(nameof(PositionalEncoding))
    {
        if (shape.Positions == PositionKind.Sinusoids) table = tensor(Sinusoids(Places, shape.ModelSize), [Places, shape.ModelSize]);
        else
        {
            weight = new Parameter(empty(Places, shape.ModelSize));
            values.Normal(weight, Math.Pow(shape.ModelSize, -0.5));
        }
        dropout = Dropout(shape.Dropout);
        RegisterComponents();
    }

    /// <summary>
    /// PE(pos, 2i) = sin(pos / 10000^(2i/d)), PE(pos, 2i+1) = cos of the same, row by row.
    /// Departure from the published tiny setting, whose code has all sines before all cosines and wavelengths that end a little later.
    /// </summary>
    internal static float[] Sinusoids(int places, int size)
    {
        var values = new float[places * size];
        for (var i = 0; i < values.Length; i++)
        {
            var (place, dimension) = (i / size, i % size);
            var angle = place / Math.Pow(10_000, (double)(dimension - (dimension % 2)) / size);
            values[i] = (float)(dimension % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle));
        }
        return values;
    }

    public override Tensor forward(Tensor embedded)                 // [N, T, d]
    {
        var length = embedded.shape[1];
        if (length > Places) throw TooLong(length);
        using var here = (table ?? weight!).narrow(0, 0, length);   // [T, d]
        using var sum = embedded + here;
        return dropout.call(sum);
    }

    /// <summary>The same for one place of every row, in evaluation mode: [rows, d].</summary>
    public Tensor At(Tensor embedded, long place)
    {
        if (place >= Places) throw TooLong(place + 1);
        using var here = (table ?? weight!).narrow(0, place, 1);    // [1, d]
        return embedded + here;
    }

    private static BadInputException TooLong(long length) =>
        new($"A sentence of {length} symbols is longer than the {Places} places that the model has; divide it into shorter ones.");
}
