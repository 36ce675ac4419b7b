namespace Repro.Training.Text;

/// <summary>What an order of n-grams counts for of which nothing matched.</summary>
public enum BleuSmoothing
{
    /// <summary>0, and with it the whole score.</summary>
    None,

    /// <summary>Half of the order before it, as mteval-v13a and sacreBLEU do: Chen and Cherry 2014, method 3.</summary>
    Exp,
}

/// <summary>BLEU of a corpus with what it is made of.</summary>
/// <param name="Score">0 .. 100.</param>
/// <param name="Precisions">By order of the n-grams from 1 on, in percent; smoothed where nothing matched.</param>
/// <param name="BrevityPenalty">0 .. 1; 1 where the hypotheses are not shorter than the references.</param>
/// <param name="HypothesisLength">Tokens of all hypotheses.</param>
/// <param name="ReferenceLength">Tokens of the references: of several, the one nearest in length to its hypothesis, and of two equally near the shorter.</param>
public sealed record BleuScore(double Score, IReadOnlyList<double> Precisions, double BrevityPenalty, long HypothesisLength, long ReferenceLength);

/// <summary>BLEU with the signature that makes it comparable (Post 2018).</summary>
/// <param name="Signature">How it was computed, in sacreBLEU's words.</param>
public sealed record SacreBleuScore(BleuScore Bleu, string Signature);
