namespace Repro.Setup.Tests;

/// <summary>A small tree's bundle, packed once.</summary>
public sealed class PackedBundle : IDisposable
{
    public PackedBundle()
    {
        // .NET's runtime package comes from the feeds that this machine has configured.
        System.IO.File.Delete(Tree.At("nuget.config"));
        Tree.Write("data/digits-8x8/train.csv", "0,1\n");
        File = Tree.At("empty-feed/small.tar.gz");
        Result = Tree.Do("setup", "--bundle", File, "--data", "digits", "--data-dir", Tree.At("data"), "--torch", "system");
    }

    public SmallTree Tree { get; } = new(NuGetFolder.Path);

    public string File { get; }

    public ShellResult Result { get; }

    public void Dispose() => Tree.Dispose();
}

public sealed class BundleTests(PackedBundle packed) : IClassFixture<PackedBundle>
{
    private const string NoTorch = "/usr/bin/python3 /usr/include/ATen";

    [SkippableFact]
    public void A_bundle_compiles_its_library_once_and_runs_where_there_is_no_dotnet()
    {
        NeedsAll();
        var result = BareMachine.Run(packed.File, """
            ! type dotnet 2>/dev/null
            cd /opt/repro-bundle
            test -f data/digits-8x8/train.csv -a -f LICENSE -a -f provenance/commit -a -f provenance/diff -a -f README.txt
            ./repro one
            cd /
            ln -s /opt/repro-bundle/repro /tmp/link
            /tmp/link two
            ls /opt/repro-bundle/.shim/*/librepro_torch.so
            """);
        Assert.True(result.ExitCode == 0, result.Everything);
        Assert.StartsWith("first one /opt/repro-bundle\nfirst two /opt/repro-bundle\n", result.Output, StringComparison.Ordinal);
        Assert.Single(result.Errors.Split("Compiling the library")[1..]);
    }

    [SkippableFact]
    public void A_bundle_in_a_folder_that_cannot_be_written_keeps_its_library_in_the_users_cache()
    {
        NeedsAll();
        var result = BareMachine.Run(packed.File, "/opt/repro-bundle/repro one; /opt/repro-bundle/repro two; find /root/.cache/repro -name '*.so'", protect: true);
        Assert.True(result.ExitCode == 0, result.Everything);
        Assert.Matches("first one .*\nfirst two .*\n/root/.cache/repro/shim/.*/librepro_torch.so\n", result.Output);
        Assert.Single(result.Errors.Split("Compiling the library")[1..]);
    }

    [SkippableFact]
    public void Without_a_compiler_a_bundle_says_how_to_get_one()
    {
        NeedsAll();
        var result = BareMachine.Run(packed.File, "CXX=no-such-compiler /opt/repro-bundle/repro");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("there is no C++ compiler 'no-such-compiler'", result.Errors, StringComparison.Ordinal);
        Assert.Contains("apt-get install g++", result.Errors, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Without_a_PyTorch_a_bundle_says_where_it_looked_and_how_to_name_one()
    {
        NeedsAll();
        var none = BareMachine.Run(packed.File, "/opt/repro-bundle/repro", NoTorch);
        Assert.Equal(3, none.ExitCode);
        Assert.Contains("no PyTorch with its C++ headers is here", none.Errors, StringComparison.Ordinal);
        Assert.Contains("--libtorch DIR", none.Errors, StringComparison.Ordinal);
        var wrong = BareMachine.Run(packed.File, "/opt/repro-bundle/repro --libtorch /opt");
        Assert.Equal(3, wrong.ExitCode);
        Assert.Contains("no libtorch with its headers is in '/opt'", wrong.Errors, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_library_that_does_not_fit_the_libtorch_is_refused_before_the_program_starts()
    {
        NeedsAll();
        var result = BareMachine.Run(packed.File, """
            cd /opt/repro-bundle
            echo '#include <string>' >native/part.cpp
            echo 'std::string of_libtorch(std::string); extern "C" int part() { return of_libtorch("").size(); }' >>native/part.cpp
            ./repro
            """);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("the library did not compile against", result.Errors, StringComparison.Ordinal);
        Assert.Contains("undefined reference to `of_libtorch", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("first", result.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void What_libtorch_itself_lacks_is_named_before_the_program_starts()
    {
        NeedsAll();
        var result = BareMachine.Run(packed.File, """
            cd /opt/repro-bundle
            echo 'extern "C" void cudnn() {}' >/tmp/cudnn.cpp
            g++ -shared -fPIC -Wl,-soname,libcudnn.so.9 /tmp/cudnn.cpp -o /tmp/libcudnn.so
            sed -i 's|"$here/part.cpp"|"$here/part.cpp" -Wl,--no-as-needed /tmp/libcudnn.so|' native/build
            ./repro
            """);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("libcudnn.so.9 => not found", result.Errors, StringComparison.Ordinal);
        Assert.Contains("LD_LIBRARY_PATH", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("first", result.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_PyTorch_built_for_a_GPU_is_taken_whichever_python_has_it_and_whatever_lies_in_the_current_folder()
    {
        NeedsAll();
        var result = BareMachine.Run(packed.File, """
            make() { # FOLDER LIBRARY... : an environment with a PyTorch that has these libraries
                mkdir -p "$1/bin" "$1/site/torch/include/ATen" "$1/site/torch/lib"
                touch "$1/site/torch/__init__.py" "$1/site/torch/include/ATen/ATen.h"
                echo "__version__ = '2.8.0'" >"$1/site/torch/version.py"
                for library in "${@:3}"; do touch "$1/site/torch/lib/$library"; done
                printf '#!/bin/sh\nPYTHONPATH=%s/site exec /usr/bin/python3 "$@"\n' "$1" >"$1/bin/$2"
                chmod +x "$1/bin/$2"
            }
            make /tmp/plain python3 libtorch_cpu.so
            make /tmp/conda python libtorch_cpu.so libtorch_cuda.so
            mkdir -p /tmp/folder/torch
            touch /tmp/folder/torch/__init__.py
            cd /tmp/folder
            PATH=/tmp/plain/bin:$PATH /opt/repro-bundle/repro one
            rm -r /opt/repro-bundle/.shim
            PATH=/tmp/plain/bin:/tmp/conda/bin:$PATH /opt/repro-bundle/repro two
            """);
        Assert.True(result.ExitCode == 0, result.Everything);
        Assert.Equal(["/tmp/plain/site/torch", "/tmp/conda/site/torch"], result.Errors.Split('\n').Where(line => line.StartsWith("Compiling", StringComparison.Ordinal)).Select(line => line.Split(' ')[4]));
    }

    [SkippableFact]
    public void A_bundle_made_twice_is_the_same_bytes()
    {
        NeedsBundle();
        var again = packed.Tree.At("empty-feed/again.tar.gz");
        var result = packed.Tree.Do("setup", "--bundle", again, "--data", "digits-8x8", "--data-dir", packed.Tree.At("data"));
        Assert.True(result.ExitCode == 0, result.Everything);
        Assert.Equal(File.ReadAllBytes(packed.File), File.ReadAllBytes(again));
    }

    [SkippableFact]
    public void A_data_set_that_is_not_there_is_refused_with_the_nearest_name()
    {
        var result = packed.Tree.Do("setup", "--bundle", packed.Tree.At("x.tar.gz"), "--data", "digist-8x8", "--data-dir", packed.Tree.At("data"));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Did you mean 'digits-8x8'?", result.Errors, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_projects_own_bundle_is_small_and_trains_where_there_is_neither_dotnet_nor_git_nor_gnuplot()
    {
        NeedsAll();
        var file = packed.Tree.At("empty-feed/own.tar.gz");
        var made = Shell.Run(SmallTree.Checkout, new Dictionary<string, string?>(), Path.Combine(SmallTree.Checkout, "setup"), "--bundle", file);
        Assert.True(made.ExitCode == 0, made.Everything);
        var cluster = File.ReadAllText(Path.Combine(SmallTree.Checkout, "setup.props")).Contains("<ReproCluster>orleans</ReproCluster>", StringComparison.Ordinal);
        Assert.InRange(new FileInfo(file).Length, 10L << 20, (cluster ? 80L : 60L) << 20);
        var result = BareMachine.Run(file, """
            mkdir /tmp/bin
            for program in /usr/bin/*; do case ${program##*/} in git | gnuplot* | dotnet) ;; *) ln -s "$program" /tmp/bin/ ;; esac; done
            export PATH=/tmp/bin
            /opt/repro-bundle/repro doctor
            /opt/repro-bundle/repro run resnet --profile smoke --threads 1 --runs /tmp/runs
            cat /tmp/runs/*/events.jsonl
            echo "its report:"
            cat /tmp/runs/*/report.md
            """, hide: string.Join(' ', Directory.GetDirectories("/usr/lib", "*-linux-gnu").SelectMany(folder => Directory.GetFiles(folder, "libstb.so.0.*"))));
        Assert.True(result.ExitCode == 0, result.Everything);
        Assert.Contains("/opt/repro-bundle/app/libstb.so.0", result.Output, StringComparison.Ordinal);
        var report = result.Output[result.Output.IndexOf("its report:", StringComparison.Ordinal)..];
        Assert.Contains("nothing on this machine draws figures", report, StringComparison.Ordinal);
        var commit = Shell.Run(SmallTree.Checkout, new Dictionary<string, string?>(), "bash", "-c", "git rev-parse HEAD 2>/dev/null || true").Output.Trim();
        if (commit.Length == 0) return;
        Assert.Contains($"\"commit\":\"{commit}\"", result.Output, StringComparison.Ordinal);
        Assert.Contains(commit, report, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_bundle_notes_the_commit_it_was_packed_from_and_all_that_differs_from_it()
    {
        Skip.IfNot(File.Exists("/usr/bin/git"), "git is not installed");
        var checkout = packed.Tree.At("empty-feed/checkout");
        var notes = packed.Tree.At("empty-feed/notes");
        Directory.CreateDirectory(checkout);
        const string Script = """
            root=$1 notes=$2
            source "$3/setup.d/bundle.sh"
            cd "$root"
            note() { rm -rf "$notes"; mkdir "$notes"; note_provenance "$notes"; }
            note; test ! -s "$notes/commit" -a ! -s "$notes/diff"
            git init -q
            echo first >"a file.txt"
            git add -A
            git -c user.name=test -c user.email=test@example.org commit -qm First
            note; test "$(cat "$notes/commit")" = "$(git rev-parse HEAD)" -a ! -s "$notes/diff"
            echo second >"a file.txt"
            echo new >new.txt
            truncate -s 2M large
            before=$(git status --porcelain)
            note
            grep -q '^# untracked, too large to keep: large, 2097152 bytes$' "$notes/diff"
            test "$before" = "$(git status --porcelain)"
            git stash -qu
            git apply "$notes/diff"
            cat "a file.txt" new.txt
            """;
        var result = Shell.Run("/", new Dictionary<string, string?>(), "bash", "-euo", "pipefail", "-c", Script, "note", checkout, notes, packed.Tree.Root);
        Assert.True(result.ExitCode == 0, result.Everything);
        Assert.Equal("second\nnew\n", result.Output);
    }

    private void NeedsBundle()
    {
        Skip.If(packed.Result.Errors.Contains("The feeds lack .NET's runtime package", StringComparison.Ordinal), "the feeds here lack .NET's runtime package, which a self-contained build needs");
        Assert.True(packed.Result.ExitCode == 0, packed.Result.Everything);
    }

    private void NeedsAll()
    {
        Skip.If(BareMachine.Obstacle is not null, BareMachine.Obstacle);
        Skip.IfNot(File.Exists("/usr/include/ATen/ATen.h") && File.Exists("/usr/bin/g++"), "libtorch-dev and g++ are not installed, which stand for the other machine's PyTorch and compiler");
        NeedsBundle();
    }
}
