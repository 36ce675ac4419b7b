using System.Globalization;

namespace Repro.Studies.Options;

/// <summary>How option names and values are written on the command line, in study files and in run folders.</summary>
public static class OptionText
{
    /// <summary>LearningRate -> learning_rate. A run of capitals or digits stays together: EmaDecay -> ema_decay, ResNet110 -> res_net110.</summary>
    public static string SnakeCase(string name)
    {
        var text = new System.Text.StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsUpper(name[i]) && i > 0 && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1]))))
                text.Append('_');
            text.Append(char.ToLowerInvariant(name[i]));
        }
        return text.ToString();
    }

    /// <summary>The shortest text that reads back as the same value.</summary>
    public static string Write(object? value) => value switch
    {
        null => "",
        bool b => b ? "true" : "false",
        double d => d.ToString("R", CultureInfo.InvariantCulture),
        Enum e => SnakeCase(e.ToString()),
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>Reads a value of an option's type; false where the text is no such value. Ranges are not looked at.</summary>
    public static bool TryRead(string text, Type type, out object? value)
    {
        text = text.Trim();
        value = null;
        if (type == typeof(string)) value = text;
        else if (type == typeof(bool) && bool.TryParse(text, out var b)) value = b;
        else if (type == typeof(int) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var i)) value = i;
        else if (type == typeof(long) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var l)) value = l;
        else if (type == typeof(double) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var d)) value = d;
        else if (type.IsEnum) value = Enum.GetValues(type).Cast<object>().FirstOrDefault(e => Write(e) == text);
        return value is not null;
    }
}
