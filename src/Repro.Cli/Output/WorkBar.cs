using Spectre.Console;

namespace Repro.Cli.Output;

/// <summary>How far work of many pieces has come: a bar on a terminal, nothing elsewhere.</summary>
internal sealed class WorkBar(CommandOutput output)
{
    /// <param name="pieces">How many there are, or about as many.</param>
    /// <param name="work">Is given what to call with the name of each piece before it is done.</param>
    public T During<T>(int pieces, Func<Action<string>, T> work)
    {
        if (!output.Interactive || pieces < 2) return work(_ => { });
        return Terminal.Console(output.People).Progress().AutoClear(true).Columns(new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context =>
            {
                var (task, begun) = (context.AddTask("", maxValue: pieces), 0);
                return work(name =>
                {
                    task.Value = Math.Min(begun++, pieces);
                    task.Description = Markup.Escape(name);
                });
            });
    }
}
