using Repro.Studies.Options;
using Repro.Studies.SearchSpaces.Expressions;

namespace Repro.Studies.SearchSpaces;

/// <summary>The configurations that a study may try: hyperparameters, when each is active, and constraints between them. Immutable.</summary>
public sealed class SearchSpace
{
    private readonly int[] _parents;
    private readonly int[] _byName;
    private readonly string[] _sortedNames;
    private readonly int[] _order;

    /// <param name="parameters">In the order in which tables show them.</param>
    /// <param name="constraints">
    /// Each an <see cref="Expression"/> over the hyperparameters that every configuration fulfils. One that reads an inactive hyperparameter, and is decided by it,
    /// does not apply.
    /// </param>
    /// <exception cref="BadInputException">A range, a condition or a constraint is wrong; names the hyperparameter and the rule.</exception>
    public SearchSpace(IReadOnlyList<Hyperparameter> parameters, IReadOnlyList<string>? constraints = null)
    {
        Parameters = [.. parameters];
        _byName = [.. Enumerable.Range(0, Parameters.Count).OrderBy(i => Parameters[i].Name, StringComparer.Ordinal)];
        _sortedNames = [.. _byName.Select(i => Parameters[i].Name)];
        for (var i = 0; i < Parameters.Count; i++)
        {
            var parameter = Parameters[i];
            if (!IsName(parameter.Name)) throw new BadInputException($"A hyperparameter's name is snake_case, as learning_rate; it was '{parameter.Name}'.");
            if (_sortedNames.Count(name => name == parameter.Name) > 1) throw new BadInputException($"Hyperparameter '{parameter.Name}' is there twice; give it one range.");
            if (parameter.Complaint() is { } complaint) throw new BadInputException($"Hyperparameter '{parameter.Name}' {complaint}.");
        }
        _parents = [.. Parameters.Select(Parent)];
        _order = ParentsFirst();
        var names = Parameters.ToDictionary(p => p.Name, p => p is Categorical categorical ? categorical.Values : []);
        Constraints = [.. (constraints ?? []).Select(text => Expression.Parse(text, names))];
    }

    public IReadOnlyList<Hyperparameter> Parameters { get; }

    public IReadOnlyList<Expression> Constraints { get; }

    /// <summary>Indices of <see cref="Parameters"/>, each after the one that its condition reads.</summary>
    public IReadOnlyList<int> Order => _order;

    /// <summary>A snake_case word: a to z, digits and _, not a digit first.</summary>
    public static bool IsName(string text) =>
        text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');

    /// <summary>The configuration at a point. Constraints are not looked at.</summary>
    /// <param name="units">A coordinate in [0, 1] for each of <see cref="Parameters"/>; those of inactive ones are ignored.</param>
    public Configuration At(ReadOnlySpan<double> units)
    {
        Span<double> active = units.Length <= 64 ? stackalloc double[units.Length] : new double[units.Length];
        units.CopyTo(active);
        Deactivate(active);
        var count = 0;
        foreach (var unit in active) count += double.IsNaN(unit) ? 0 : 1;
        var texts = new string[count];
        var names = count == units.Length ? _sortedNames : new string[count];
        var next = 0;
        foreach (var i in _byName)
        {
            if (double.IsNaN(active[i])) continue;
            if (names != _sortedNames) names[next] = Parameters[i].Name;
            texts[next++] = Parameters[i].At(active[i]);
        }
        return new Configuration(names, texts);
    }

    /// <summary>Sets the coordinates of inactive hyperparameters to NaN.</summary>
    public void Deactivate(Span<double> units)
    {
        foreach (var i in _order)
        {
            if (!IsActive(i, units)) units[i] = double.NaN;
        }
    }

    /// <summary>The point of a configuration: a coordinate for each of <see cref="Parameters"/>, NaN where it is not set or set to a value outside its range.</summary>
    public void UnitsOf(Configuration configuration, Span<double> units)
    {
        for (var i = 0; i < Parameters.Count; i++)
            units[i] = configuration.TryGet(Parameters[i].Name, out var text) ? Parameters[i].UnitOf(text) : double.NaN;
    }

    /// <summary>Whether no constraint is violated.</summary>
    public bool Allows(Configuration configuration)
    {
        foreach (var constraint in Constraints)
        {
            if (constraint.Test(configuration) == false) return false;
        }
        return true;
    }

    /// <summary>A space with other hyperparameters under the same constraints.</summary>
    internal SearchSpace With(IReadOnlyList<Hyperparameter> parameters) => new(parameters, [.. Constraints.Select(c => c.Text)]);

    /// <summary>Whether a hyperparameter is part of a configuration, told by the coordinates of those before it in <see cref="Order"/> (NaN: inactive).</summary>
    internal bool IsActive(int parameter, ReadOnlySpan<double> units)
    {
        var parent = _parents[parameter];
        return parent < 0 || (!double.IsNaN(units[parent]) && Parameters[parameter].Condition!.Values.Contains(Parameters[parent].At(units[parent])));
    }

    private int Parent(Hyperparameter child)
    {
        if (child.Condition is not { } condition) return -1;
        var index = Parameters.ToList().FindIndex(p => p.Name == condition.Parameter);
        if (index < 0)
        {
            throw new BadInputException($"Hyperparameter '{child.Name}' is active by '{condition.Parameter}', which is not in the search space. "
                + $"Valid, nearest first: {string.Join(", ", NearestWords.Order(condition.Parameter, _sortedNames))}.");
        }
        var parent = Parameters[index];
        if (parent is FloatRange) throw new BadInputException($"Hyperparameter '{child.Name}' is active by '{parent.Name}', a range of numbers; a condition reads a choice or an integer.");
        if (condition.Values.Count == 0) throw new BadInputException($"Hyperparameter '{child.Name}' is active for no value of '{parent.Name}'; give one or more.");
        foreach (var value in condition.Values)
        {
            if (!double.IsNaN(parent.UnitOf(value))) continue;
            var valid = parent is Categorical categorical ? $"Valid, nearest first: {string.Join(", ", NearestWords.Order(value, categorical.Values))}" : $"Its range is {CompactForm.Write(parent)}";
            throw new BadInputException($"Hyperparameter '{child.Name}' is active where '{parent.Name}' is '{value}', which it never is. {valid}.");
        }
        return index;
    }

    private int[] ParentsFirst()
    {
        var order = new List<int>();
        for (var i = 0; i < Parameters.Count; i++)
        {
            var chain = new List<int>();
            for (var at = i; at >= 0 && !order.Contains(at); at = _parents[at])
            {
                if (chain.Contains(at))
                    throw new BadInputException($"Hyperparameter '{Parameters[at].Name}' is active by itself, through {string.Join(", ", chain.Select(c => $"'{Parameters[c].Name}'"))}; break the circle.");
                chain.Add(at);
            }
            chain.Reverse();
            order.AddRange(chain);
        }
        return [.. order];
    }
}
