namespace Repro.Setup.Tests;

/// <summary>Places, users and networks that are not as one would wish.</summary>
public sealed class OddPlacesTests
{
    [Fact]
    public void A_tree_is_set_up_whatever_its_folder_is_called_without_HOME_and_with_CDPATH()
    {
        using var tree = new SmallTree(folder: "a b ü & 'x' $y");
        var variables = new Dictionary<string, string?> { ["HOME"] = null, ["CDPATH"] = "/:/tmp" };
        var set = tree.Do("setup", variables);
        Assert.True(set.ExitCode == 0, set.Everything);
        var run = tree.Do("repro", variables, "one");
        Assert.True(run.ExitCode == 0, run.Everything);
        Assert.Equal($"first one {tree.Root}\n", run.Output);
        Assert.StartsWith("Nothing to do", tree.Do("setup", variables).Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_tree_that_cannot_be_written_is_named_with_the_way_out()
    {
        Skip.If(BareMachine.Obstacle is not null, BareMachine.Obstacle);
        using var tree = new SmallTree();
        const string Script = """mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"; for script in setup repro test bench; do "$1/$script" || echo "$script $?"; done""";
        var result = Shell.Run("/", new Dictionary<string, string?>(), "unshare", "--mount", "--propagation", "private", "bash", "-uc", Script, "read-only", tree.Root);
        foreach (var script in new[] { "setup", "repro", "test", "bench" }) Assert.Contains($"{script} 1\n", result.Output, StringComparison.Ordinal);
        Assert.Equal(4, result.Errors.Split($"setup: cannot write in {tree.Root}").Length - 1);
        Assert.DoesNotContain("mkdir:", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_feed_that_cannot_be_reached_is_named_and_asked_again_next_time()
    {
        using var tree = new SmallTree();
        // The discard port of this very machine, where nobody listens.
        tree.Write("nuget.config", """<configuration><packageSources><clear /><add key="far" value="http://127.0.0.1:9/index.json" allowInsecureConnections="true" /></packageSources></configuration>""");
        var result = tree.Do("setup", new Dictionary<string, string?> { ["NUGET_ENHANCED_MAX_NETWORK_TRY_COUNT"] = "1" });
        Assert.True(result.ExitCode == 0, result.Everything);
        Assert.Contains("is not known: a feed could not be reached", result.Errors, StringComparison.Ordinal);
        Assert.True(result.Errors.Contains("127.0.0.1:9", StringComparison.Ordinal), result.Everything);
        Assert.Contains("The next setup asks again.", result.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(tree.At(".setup/feeds")));
    }

    [SkippableFact]
    public void Without_root_and_sudo_what_is_missing_is_named_with_the_command_that_installs_it()
    {
        Skip.If(BareMachine.Obstacle is not null, BareMachine.Obstacle);
        const string Script = """
            mkdir /tmp/bin
            for program in /usr/bin/*; do case ${program##*/} in sudo | g++) ;; *) ln -s "$program" /tmp/bin/ ;; esac; done
            cd /opt/tree
            setpriv --reuid=65534 --clear-groups env PATH=/tmp/bin bash -c '
                set -euo pipefail
                root=/opt/tree quiet=0 install=1 engine=system libtorch=/usr figures=gnuplot
                for piece in say packages; do source "setup.d/$piece.sh"; done
                find_missing
                can_install || refuse_missing'
            """;
        using var tree = new SmallTree();
        var result = BareMachine.Run(tree.Root, Script);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("required and missing: g++; not installed, because that needs root, and there is no sudo", result.Errors, StringComparison.Ordinal);
        Assert.Contains("sudo apt-get install --no-install-recommends g++", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void An_optional_package_that_cannot_be_had_keeps_no_other_away()
    {
        const string Script = """
            set -euo pipefail
            root=$1 quiet=0 install=1
            for piece in say packages; do source "$root/setup.d/$piece.sh"; done
            can_install() { :; }
            apt_install() { [[ " $* " != *" chromium "* ]] && echo "installed: $*"; }
            missing_required=(g++) missing_optional=(gnuplot-nox chromium git)
            install_missing
            missing_required=() missing_optional=(chromium)
            install_missing
            """;
        using var tree = new SmallTree();
        var result = Shell.Run(tree.Root, new Dictionary<string, string?>(), "bash", "-c", Script, "packages", tree.Root);
        Assert.True(result.ExitCode == 0, result.Everything);
        Assert.Equal("installed: g++\ninstalled: gnuplot-nox\ninstalled: git\n", result.Output);
    }

    [Fact]
    public void The_browser_is_wanted_for_the_tests_alone_and_not_where_one_of_its_kind_is()
    {
        const string Script = """
            set -euo pipefail
            root=$1 quiet=0 engine=package libtorch='' figures=scottplot
            for piece in say packages; do source "$root/setup.d/$piece.sh"; done
            type() { [[ $1 == -P && " $* " == *" $here "* ]] && echo "/usr/bin/$here"; }
            for scope in app all; do
                for here in nothing google-chrome; do
                    find_missing
                    echo "$scope, $here: $(printf '%s\n' "${missing_optional[@]}" | grep -cx -e chromium || true)"
                done
            done
            """;
        using var tree = new SmallTree();
        var result = Shell.Run(tree.Root, new Dictionary<string, string?>(), "bash", "-c", Script, "packages", tree.Root);
        Assert.True(result.ExitCode == 0, result.Everything);
        Assert.Equal("app, nothing: 0\napp, google-chrome: 0\nall, nothing: 1\nall, google-chrome: 0\n", result.Output);
    }

    [SkippableFact]
    public void An_SDK_without_OpenSSL_is_noticed_before_it_ends_in_the_middle_of_a_restore()
    {
        Skip.If(BareMachine.Obstacle is not null, BareMachine.Obstacle);
        const string Script = """
            set -euo pipefail
            root=/opt/tree quiet=0 install=0
            for piece in say packages dotnet; do source "$root/setup.d/$piece.sh"; done
            find_openssl
            """;
        var hidden = Directory.GetDirectories("/usr/lib", "*-linux-gnu").SelectMany(folder => Directory.GetFiles(folder, "libssl.so.*"));
        using var tree = new SmallTree();
        var result = BareMachine.Run(tree.Root, Script, hide: string.Join(' ', hidden));
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("cannot reach package feeds without openssl", result.Errors, StringComparison.Ordinal);
        Assert.Matches("sudo apt-get install --no-install-recommends openssl", result.Errors);
    }
}
