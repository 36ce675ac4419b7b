namespace Repro.Training.Datasets.Generated;

/// <summary>The Bayes error of equally probable classes with orthogonal means of equal norm d in Gaussian noise of deviation 1.</summary>
internal static class OrthogonalMeans
{
    /// <summary>1 - integral of phi(t - d) Phi(t)^(classes - 1) dt, to about 1e-11.</summary>
    internal static double BayesError(int classes, double separation)
    {
        // Beyond 9 deviations the normal density is below 1e-17. Simpson's rule over pairs of steps; Phi is summed up along the way.
        const double Reach = 9;
        const double Step = 1.0 / 256;
        var steps = 2 * (int)Math.Ceiling((2 * Reach + separation) / (2 * Step));
        var (correct, cumulative, previous) = (0.0, 0.0, -Reach);
        for (var i = 0; i <= steps; i++)
        {
            var t = -Reach + i * Step;
            if (i > 0) cumulative += Step / 6 * (Density(previous) + 4 * Density((previous + t) / 2) + Density(t));
            var weight = i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2;
            correct += weight * Density(t - separation) * Math.Pow(cumulative, classes - 1);
            previous = t;
        }
        return 1 - correct * Step / 3;
    }

    /// <summary>The norm at which the Bayes error has the given value; the error falls from 1 - 1 / classes at 0.</summary>
    internal static double SeparationFor(int classes, double bayesError)
    {
        var (low, high) = (0.0, 20.0);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            if (BayesError(classes, middle) > bayesError) low = middle;
            else high = middle;
        }
        return (low + high) / 2;
    }

    private static double Density(double t) => Math.Exp(-t * t / 2) / Math.Sqrt(2 * Math.PI);
}
