namespace Repro.Studies.SearchSpaces;

/// <summary>What a hyperparameter is to the question that a study asks ("Deep learning tuning playbook", Google 2023: the three kinds of hyperparameters).</summary>
public enum HyperparameterRole
{
    /// <summary>Its effect is what the study measures: an ablation varies it.</summary>
    Scientific,

    /// <summary>Has to be tuned anew for each value of the scientific ones, so that they are compared at their best.</summary>
    Nuisance,

    /// <summary>Has one value in the whole study; what is concluded holds at this value only.</summary>
    Fixed,
}
