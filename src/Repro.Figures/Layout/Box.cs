namespace Repro.Figures.Layout;

/// <summary>A rectangle in points from the figure's top left; y grows downwards.</summary>
public readonly record struct Box(double Left, double Top, double Right, double Bottom)
{
    public double Width => Right - Left;

    public double Height => Bottom - Top;

    public bool Overlaps(Box other) => Left < other.Right && other.Left < Right && Top < other.Bottom && other.Top < Bottom;

    /// <summary>Whether the segment from (x1, y1) to (x2, y2) has a point inside (Liang and Barsky's clipping).</summary>
    public bool Touches(double x1, double y1, double x2, double y2)
    {
        double enter = 0, leave = 1;
        return Clip(x1 - x2, x1 - Left) && Clip(x2 - x1, Right - x1) && Clip(y1 - y2, y1 - Top) && Clip(y2 - y1, Bottom - y1);

        bool Clip(double direction, double distance)
        {
            if (direction == 0) return distance >= 0;
            var t = distance / direction;
            if (direction < 0) enter = Math.Max(enter, t);
            else leave = Math.Min(leave, t);
            return enter <= leave;
        }
    }
}

/// <summary>One line of text; (X, Y) is the middle of its height at its left end, centre or right end.</summary>
/// <param name="Turn">Degrees against the clock about (X, Y).</param>
public sealed record PlacedText(string Text, double X, double Y, double Size, TextAlign Align = TextAlign.Left, bool Bold = false, double Turn = 0)
{
    /// <summary><c>#RRGGBB</c>.</summary>
    public string Colour { get; init; } = Palette.Ink;

    /// <summary>The smallest upright rectangle around the text.</summary>
    public Box Bounds
    {
        get
        {
            var width = TextSize.Width(Text, Size, Bold);
            var from = Align switch { TextAlign.Centre => -width / 2, TextAlign.Right => -width, _ => 0 };
            var (sin, cos) = Math.SinCos(Turn * Math.PI / 180);
            // Along the text, then across it; y grows downwards.
            var (x1, x2) = (X + from * cos, X + (from + width) * cos);
            var (y1, y2) = (Y - from * sin, Y - (from + width) * sin);
            var (halfX, halfY) = (Math.Abs(sin) * Size / 2, Math.Abs(cos) * Size / 2);
            return new Box(Math.Min(x1, x2) - halfX, Math.Min(y1, y2) - halfY, Math.Max(x1, x2) + halfX, Math.Max(y1, y2) + halfY);
        }
    }
}

public enum TextAlign
{
    Left,
    Centre,
    Right,
}
