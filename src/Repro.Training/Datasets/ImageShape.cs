namespace Repro.Training.Datasets;

/// <summary>The shape of one image as networks take it: channels first, then rows, then columns.</summary>
public readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>Values that a pixel may have, from 0 on: 256, or fewer where the source counted less finely.</summary>
    public int Levels { get; init; } = 256;

    /// <summary>Numbers that make one image.</summary>
    public int Size => Channels * Height * Width;

    /// <summary>3x32x32.</summary>
    public override string ToString() => $"{Channels}x{Height}x{Width}";
}
