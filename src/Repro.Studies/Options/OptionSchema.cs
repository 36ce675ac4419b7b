using System.Reflection;

namespace Repro.Studies.Options;

/// <summary>Reads the options of an experiment from its record and sets them by name.</summary>
public static class OptionSchema
{
    /// <summary>The options of a record type, in the order of its properties.</summary>
    public static IReadOnlyList<OptionInfo> Of(Type optionsType)
    {
        var defaults = Activator.CreateInstance(optionsType)!;
        return Properties(optionsType).Select(pair => Describe(pair.Property, pair.Attribute, defaults)).ToList();
    }

    /// <summary>Name to value for every option of <paramref name="options"/>, in order.</summary>
    public static IReadOnlyList<KeyValuePair<string, object?>> Values(object options) =>
        Properties(options.GetType()).Select(p => KeyValuePair.Create(OptionText.SnakeCase(p.Property.Name), p.Property.GetValue(options))).ToList();

    /// <summary>A copy of <paramref name="options"/> with the given options changed.</summary>
    /// <param name="settings">Name and text, as in <c>--set name=value</c>; of two with one name the last counts.</param>
    /// <exception cref="BadInputException">An unknown name, a wrong type or a value out of range; lists the valid ones, nearest first.</exception>
    public static T Apply<T>(T options, IEnumerable<KeyValuePair<string, string>> settings)
        where T : notnull
    {
        var properties = Properties(options.GetType());
        var copy = Copy(options);
        foreach (var (name, text) in settings)
        {
            var (property, attribute) = properties.FirstOrDefault(p => OptionText.SnakeCase(p.Property.Name) == name);
            if (property is null)
            {
                var valid = NearestWords.Order(name, properties.Select(p => OptionText.SnakeCase(p.Property.Name)));
                throw new BadInputException($"There is no option '{name}'. Valid options, nearest first: {string.Join(", ", valid)}.");
            }
            var info = Describe(property, attribute, options);
            property.SetValue(copy, Read(info, text));
        }
        return copy;
    }

    /// <summary>The value that a text sets an option to.</summary>
    /// <exception cref="BadInputException">A wrong type or a value out of range; lists the valid ones, nearest first.</exception>
    public static object? Read(OptionInfo info, string text)
    {
        if (!OptionText.TryRead(text, info.Type, out var value))
        {
            throw info.Choices.Count > 0
                ? new BadInputException($"Option '{info.Name}' cannot be '{text}'. Valid values, nearest first: {string.Join(", ", NearestWords.Order(text, info.Choices))}.")
                : new BadInputException($"Option '{info.Name}' takes {Article(info.TypeWord)}{Range(info)}; '{text}' is none.");
        }
        if (info.Choices.Count > 0 && !info.Choices.Contains(OptionText.Write(value)))
            throw new BadInputException($"Option '{info.Name}' cannot be '{text}'. Valid values, nearest first: {string.Join(", ", NearestWords.Order(text, info.Choices))}.");
        if (info.FileEnding.Length > 0 && text.EndsWith(info.FileEnding, StringComparison.OrdinalIgnoreCase)) return Path.GetFullPath(text);
        if (value is int or long or double)
        {
            var number = Convert.ToDouble(value);
            // Written so that NaN is out of every range.
            if (!(number >= info.Min && number <= info.Max) || double.IsInfinity(number))
                throw new BadInputException($"Option '{info.Name}' must be {Article(info.TypeWord)}{Range(info)}; it was {text}.");
        }
        return value;
    }

    private static string Article(string typeWord) => typeWord switch { "integer" => "an integer", "number" => "a finite number", "text" => "a text", _ => typeWord };

    private static string Range(OptionInfo info) => info.RangeWord is { Length: > 0 } range ? $" in the range {range}" : "";

    private static OptionInfo Describe(PropertyInfo property, OptionAttribute attribute, object defaults)
    {
        var type = property.PropertyType;
        var choices = attribute.Choices is { } given ? given.Select(OptionText.Write).ToList()
            : type.IsEnum ? Enum.GetValues(type).Cast<object>().Select(OptionText.Write).ToList()
            : [];
        return new OptionInfo(OptionText.SnakeCase(property.Name), type, property.GetValue(defaults), attribute.Min, attribute.Max, choices, attribute.Description, attribute.Source) { OnlyMeasures = attribute.OnlyMeasures, FileEnding = attribute.FileEnding };
    }

    private static List<(PropertyInfo Property, OptionAttribute Attribute)> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(p => (Property: p, Attribute: p.GetCustomAttribute<OptionAttribute>()))
            .Where(p => p.Attribute is not null)
            .OrderBy(p => p.Property.MetadataToken)
            .Select(p => (p.Property, p.Attribute!))
            .ToList();

    // Records have no public way to be cloned through a base type; properties with init accessors can be set by reflection on a fresh copy.
    private static T Copy<T>(T options)
        where T : notnull
    {
        var copy = (T)Activator.CreateInstance(options.GetType())!;
        foreach (var (property, _) in Properties(options.GetType())) property.SetValue(copy, property.GetValue(options));
        return copy;
    }
}
