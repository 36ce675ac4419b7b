namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>How the losses of a batch become one number.</summary>
        public enum Reduction : long
        {
            None = 0,
            Mean = 1,
            Sum = 2,
        }

        public static partial class functional
        {
            /// <summary>The losses reduced; they are disposed of where that makes another tensor.</summary>
            private static Tensor Reduce(Tensor losses, Reduction reduction)
            {
                if (reduction == Reduction.None)
                    return losses;
                using (losses)
                    return reduction == Reduction.Mean ? losses.mean() : losses.sum();
            }
        }
    }
}

public abstract class Loss<T1, T2, TResult>(torch.nn.Reduction reduction = torch.nn.Reduction.Mean) : torch.nn.Module<T1, T2, TResult>(nameof(Loss<T1, T2, TResult>))
{
    public torch.nn.Reduction reduction { get; } = reduction;
}

public abstract class Loss<T1, T2, T3, TResult>(torch.nn.Reduction reduction = torch.nn.Reduction.Mean) : torch.nn.Module<T1, T2, T3, TResult>(nameof(Loss<T1, T2, T3, TResult>))
{
    public torch.nn.Reduction reduction { get; } = reduction;
}

public abstract class Loss<T1, T2, T3, T4, TResult>(torch.nn.Reduction reduction = torch.nn.Reduction.Mean) : torch.nn.Module<T1, T2, T3, T4, TResult>(nameof(Loss<T1, T2, T3, T4, TResult>))
{
    public torch.nn.Reduction reduction { get; } = reduction;
}

public abstract class WeightedLoss<T1, T2, TResult>(torch.Tensor? weight = null, torch.nn.Reduction reduction = torch.nn.Reduction.Mean) : Loss<T1, T2, TResult>(reduction)
{
    public torch.Tensor? weight { get; } = weight;
}

public abstract class WeightedLoss<T1, T2, T3, TResult>(torch.Tensor? weight = null, torch.nn.Reduction reduction = torch.nn.Reduction.Mean) : Loss<T1, T2, T3, TResult>(reduction)
{
    public torch.Tensor? weight { get; } = weight;
}

public abstract class WeightedLoss<T1, T2, T3, T4, TResult>(torch.Tensor? weight = null, torch.nn.Reduction reduction = torch.nn.Reduction.Mean) : Loss<T1, T2, T3, T4, TResult>(reduction)
{
    public torch.Tensor? weight { get; } = weight;
}
