namespace Repro.Training.Checks;

public sealed class Recipe;
