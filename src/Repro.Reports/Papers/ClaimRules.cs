using Repro.Studies.Formats;
using Repro.Studies.Options;
using Repro.Studies.Papers;

namespace Repro.Reports.Papers;

/// <summary>What the keys of a claim must satisfy together.</summary>
internal static class ClaimRules
{
    /// <exception cref="Studies.BadInputException">A rule is broken; says where the claim or its key stands.</exception>
    public static void Check(Claim claim, YamlMap map)
    {
        var kind = OptionText.Write(claim.Kind);
        if (claim.Spread is not null && claim.Value is null) throw At("spread", "the key 'spread' belongs to a 'value', and this claim has none");
        if (claim.Spread <= 0) throw At("spread", "the key 'spread' is a standard deviation and must be above 0");
        if (claim.Spread is not null && claim.PaperRuns < 2) throw At("spread", "a 'spread' is a standard deviation over several runs of the paper's; the key 'runs' says how many, at least 2");
        if (claim.Tolerance <= 0) throw At("tolerance", "the key 'tolerance' must be above 0");
        var bounded = claim.Direction is ClaimDirection.Above or ClaimDirection.Below;
        switch (claim.Kind)
        {
            case ClaimKind.Value:
                Require(claim.Value is not null, "value", "the paper's number");
                Forbid("settings", "direction");
                break;
            case ClaimKind.Ordering when bounded:
                Require(claim.Value is not null, "value", "the bound that its metric lies above or below");
                Forbid("settings");
                break;
            case ClaimKind.Ordering or ClaimKind.Trend:
                var least = claim.Kind == ClaimKind.Trend ? 3 : 2;
                if (claim.Kind == ClaimKind.Trend && bounded) throw At("direction", "a trend rises or falls; above and below a bound belong to kind 'ordering'");
                Require(claim.Direction is not null, "direction", "which way the metric goes: rises or falls from each setting to the next" + (claim.Kind == ClaimKind.Ordering ? ", or above or below a value" : ""));
                Settings(claim.Settings.Count >= least && (claim.Kind == ClaimKind.Trend || claim.Settings.Count == 2), claim.Kind == ClaimKind.Trend ? "three or more" : "two");
                break;
            case ClaimKind.Equivalence:
                Forbid("direction");
                Settings(claim.Settings.Count == 2, "two");
                break;
        }
        if (claim.OverWindows && claim.Settings.Count != 2) throw At("over", "over: windows compares two settings by the windows that both forecast; this claim has " + (claim.Settings.Count == 0 ? "none" : $"{claim.Settings.Count}"));
        if (claim.Uncertain is not null) return;
        Require(claim.LargestN is not null, "largest_n", "the number of runs at which one stops, fixed beforehand");
        if (claim.Kind is ClaimKind.Value or ClaimKind.Equivalence) Require(claim.Tolerance is not null, "tolerance", "what counts as the same, fixed beforehand; a value that is not to be judged has the key 'uncertain' with the reason");

        void Require(bool there, string key, string what)
        {
            if (!there) throw map.Node.Error($"a claim of kind '{kind}' needs the key '{key}': {what}");
        }

        void Forbid(params ReadOnlySpan<string> keys)
        {
            foreach (var key in keys)
            {
                if (map.Optional(key) is not null) throw map.Place(key).Error($"a claim of kind '{kind}' has no key '{key}'");
            }
        }

        void Settings(bool enough, string many)
        {
            Require(claim.Settings.Count > 0, "settings", $"{many} of them, as [depth=20, depth=32]");
            if (!enough) throw At("settings", $"a claim of kind '{kind}' compares {many} settings; there are {claim.Settings.Count}");
            var names = claim.Settings[0].Settings.Select(setting => setting.Key).ToList();
            if (claim.Settings.Distinct().Count() != claim.Settings.Count) throw At("settings", "the settings of a claim must differ");
            if (claim.Settings.Any(setting => !setting.Settings.Select(s => s.Key).SequenceEqual(names))) throw At("settings", $"all settings of a claim set the same options; the first sets {string.Join(", ", names)}");
            foreach (var name in names.Where(claim.Options.ContainsKey)) throw At("settings", $"'{name}' is what the settings differ in, so it cannot stand under 'options' too");
        }

        Studies.BadInputException At(string key, string rule) => (map.Optional(key) ?? map.Node).Error(rule);
    }
}
