using System.Text.RegularExpressions;

namespace Repro.Setup.Tests.Deploy;

public sealed partial class SystemdTests
{
    private static readonly string Unit = DeployFiles.All["systemd/repro-silo.service"];
    private static readonly string Example = DeployFiles.All["systemd/silo.env.example"];

    private readonly ILookup<string, string> _settings =
        Setting().Matches(Unit.Replace("\\\n", " ", StringComparison.Ordinal)).ToLookup(match => match.Groups[1].Value, match => match.Groups[2].Value);

    [SkippableFact]
    public void Systemd_accepts_it()
    {
        var program = DeployFiles.Program("systemd-analyze");
        Skip.If(program is null, "systemd-analyze is not installed");
        var folder = Directory.CreateTempSubdirectory("repro-unit-").FullName;
        try
        {
            // It asks whether the program is there.
            var unit = Path.Combine(folder, "repro-silo.service");
            File.WriteAllText(unit, Unit.Replace("/opt/repro/repro ", "/bin/true ", StringComparison.Ordinal));
            var result = DeployFiles.Run(program, "verify", unit);
            Assert.True(result.ExitCode == 0 && !result.Errors.Contains("repro-silo", StringComparison.Ordinal), result.Everything);

            File.WriteAllText(unit, Unit.Replace("KillMode=mixed", "KilMode=mixed", StringComparison.Ordinal));
            Assert.Contains("KilMode", DeployFiles.Run(program, "verify", unit).Errors, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void What_differs_between_machines_is_in_the_example_and_all_of_it_is_used()
    {
        var used = Variable().Matches(_settings["ExecStart"].Single()).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(used, Assignment().Matches(Example).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_options_of_the_example_are_understood_too() =>
        Assert.Equal(
            ["--label", "--tls-certificate", "--tls-key", "--tls-authority"],
            Assert.Single(DeployFiles.Commands($"repro silo {Regex.Match(Example, "REPRO_MORE=(.*)").Groups[1].Value}")).Options);

    [Fact]
    public void Stopping_drains_and_what_was_drained_or_cannot_be_helped_stays_down()
    {
        Assert.Equal(["mixed"], _settings["KillMode"]);
        Assert.Equal(["10min"], _settings["TimeoutStopSec"]);
        Assert.Equal(["on-failure"], _settings["Restart"]);
        Assert.Equal(["2 3"], _settings["RestartPreventExitStatus"]);
        Assert.Equal(["continue"], _settings["OOMPolicy"]);
        Assert.Empty(_settings["KillSignal"]);
    }

    [Theory]
    [InlineData("PrivateDevices")]
    [InlineData("DevicePolicy")]
    [InlineData("DeviceAllow")]
    [InlineData("ProtectClock")]
    [InlineData("MemoryDenyWriteExecute")]
    public void Nothing_keeps_the_gpus_or_compiled_code_away(string setting) => Assert.Empty(_settings[setting]);

    [Fact]
    public void The_password_is_handed_over_as_a_credential()
    {
        Assert.Equal(["database-password:/etc/repro/database-password"], _settings["LoadCredential"]);
        Assert.Contains("--password-file %d/database-password", _settings["ExecStart"].Single(), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^([A-Z]\w+)=(.*)$", RegexOptions.Multiline)]
    private static partial Regex Setting();

    [GeneratedRegex(@"\$\{?(\w+)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^(\w+)=", RegexOptions.Multiline)]
    private static partial Regex Assignment();
}
