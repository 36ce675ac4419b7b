# shellcheck shell=bash
# Has anything changed since it was built? Sourced by ./repro, where it must cost next to nothing: one `find`, no other process.
# Needs $root. Scopes: app (what the program is built from) and all (the tests too).

program=$root/src/Repro.Cli/bin/Release/net10.0/repro
shim=$root/.setup/native/librepro_torch.so

# Sets the array `watched` to what a scope is built from: files and folders of the tree, NuGet's settings, the engine's version.
watch() {
    local scope=$1 path
    watched=()
    local tests=()
    if [[ $scope == all ]]; then tests=("$root/tests"); fi
    for path in "${tests[@]}" "$root"/{src,experiments,cluster,setup,setup.d,global.json,.editorconfig} "$root"/*.props "$root"/*.targets "$root"/*.sln \
        "$root"/[Nn]u[Gg]et.[Cc]onfig "${HOME:-/root}"/.nuget/NuGet/NuGet.Config "$root"/.setup/choices; do
        [[ ! -e $path ]] || watched+=("$path")
    done
    # What ./setup noted: feeds and the libtorch it built against.
    for path in "${watch_also[@]}"; do
        [[ ! -e $path ]] || watched+=("$path")
    done
}

# Sets `outputs`: the files that a finished build of the scope has. Needs $engine.
wanted_outputs() {
    local project folder
    outputs=("$program")
    if [[ $engine == system ]]; then outputs+=("$shim"); fi
    [[ $1 == all ]] || return 0
    for project in "$root"/tests/*/*.csproj; do
        [[ -e $project ]] || continue
        folder=${project%/*}
        outputs+=("$folder/bin/Release/net10.0/${folder##*/}.dll")
    done
}

# changed SCOPE : prints why the scope must be looked at again, nothing where nothing changed. Change times, not modification times: an
# unpacked or restored file counts too; a new or deleted file counts through its folder.
changed() {
    local scope=$1 stamp=$root/.setup/$1.stamp output
    watch_also=()
    if [[ ! -f $stamp || ! -f $root/setup.props || ! -f $root/.setup/env ]]; then
        printf 'not set up yet'
        return
    fi
    # shellcheck source=/dev/null
    source "$root/.setup/env"
    wanted_outputs "$scope"
    for output in "${outputs[@]}"; do
        if [[ ! -e $output ]]; then
            printf '%s is gone' "$output"
            return
        fi
    done
    watch "$scope"
    find -H "${watched[@]}" \( -name bin -o -name obj -o -name TestResults \) -prune -o -cnewer "$stamp" -print -quit
}

# build_first SCOPE : sets up or builds where something changed, then enters the environment that the program and the tests run in.
# What it says goes to stderr: stdout may be read by a program (--json).
build_first() {
    local why
    why=$(changed "$1")
    if [[ $why == "not set up yet" ]]; then
        "$root/setup" --only "$1" >&2
    elif [[ -n $why ]]; then
        "$root/setup" --only "$1" --quiet >&2
    fi
    # shellcheck source=/dev/null
    source "$root/.setup/env"
    export REPRO_ROOT=$root REPRO_TORCH_SHIM=$shim DOTNET_ROOT=$dotnet_root DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
}
