# shellcheck shell=bash
# What is built, from what, and the notes that make the next run a no-op.

# One line for all that the scope is built from: the content of its files, the choices, the compiler, where the tree lies.
fingerprint() {
    watch_also=()
    watch "$scope"
    {
        printf '%s\n' "$root" "$sdk" "$engine" "$engine_package" "$figures" "$cluster" "$cluster_why" "$dashboard" "${libtorch:-/usr}"
        find -H "${watched[@]}" \( -name bin -o -name obj -o -name TestResults \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
    } | sha256sum | cut -d' ' -f1
}

# built FINGERPRINT : the scope was built from just this, and all of it is still there.
built() {
    local output note=$root/.setup/$scope.built
    [[ -f $note && $(cat "$note") == "$1" ]] || return 1
    [[ $engine == package ]] || native_current || return 1
    find_missing
    ((${#missing_required[@]} == 0)) || return 1
    wanted_outputs "$scope"
    for output in "${outputs[@]}"; do [[ -e $output ]] || return 1; done
}

# setup.props, for MSBuild.
write_props() {
    local text
    text="<Project>
  <!-- Written by ./setup: what this machine and its feeds can give. Remove it, or run ./setup again, to change it. -->
  <PropertyGroup>
    <ReproTorch>$engine</ReproTorch>
"
    if [[ -n $engine_package ]]; then text+="    <ReproTorchPackage>$engine_package</ReproTorchPackage>"$'\n'; fi
    text+="    <ReproFigures>$figures</ReproFigures>"$'\n'
    text+="    <ReproCluster>$cluster</ReproCluster>"$'\n'"    <ReproClusterReason>$(msbuild_text "$cluster_why")</ReproClusterReason>"$'\n'
    text+="    <ReproDashboard>$dashboard</ReproDashboard>"$'\n'
    if ((${#feeds[@]})); then text+="    $(feed_properties)"$'\n'; fi
    text+="  </PropertyGroup>
</Project>
"
    write_if_different "$root/setup.props" "$text"
}

# A text as a property's value: what MSBuild or XML would read in it is written by its number.
msbuild_text() { sed "s/%/%25/g; s/;/%3B/g; s/&/%26/g; s/</%3C/g; s/>/%3E/g; s/\\$/%24/g; s/@/%40/g; s/'/%27/g; s/\"/%22/g; s/(/%28/g; s/)/%29/g; s/\*/%2A/g; s/?/%3F/g" <<<"$1"; }

# System packages and then the shim, beside the .NET build, which needs neither.
build_everything() {
    local native_log=$logs/native.log packages_log=$logs/packages.log beside='' status=0 dotnet_status=0 from=${EPOCHREALTIME/[.,]/}
    no_install_why=''
    find_missing
    if ((${#missing_required[@]} + ${#missing_optional[@]})) && can_install; then
        progress "installing ${missing_required[*]} ${missing_optional[*]} (beside the build) ..."
    elif ((${#missing_required[@]})); then
        refuse_missing
    fi
    packages_and_shim >"$packages_log" 2>&1 </dev/null 9>&- &
    beside=$!
    build_dotnet || dotnet_status=$?
    if kill -0 "$beside" 2>/dev/null; then progress "waiting for system packages and the shim (log: ${packages_log#"$root/"}) ..."; fi
    start_reassuring "system packages and the shim" state_of_packages
    wait "$beside" || status=$?
    stop_reassuring
    case $status in
        0) ;;
        3) explain_failure "$packages_log" "installing system packages" "$status"; refuse_missing ;;
        *) explain_failure "$native_log" "building the native part" "$status"; exit 1 ;;
    esac
    ((dotnet_status == 0)) || exit 1
    progress "everything built in $(((${EPOCHREALTIME/[.,]/} - from) / 1000000)) s"
    find_missing
    if ((${#missing_optional[@]})) && [[ -z $no_install_why ]]; then
        say "Could not be installed: ${missing_optional[*]} (see $packages_log)" >&2
    fi
    if [[ $engine == system && -z $libtorch ]]; then libtorch=/usr; fi
}

packages_and_shim() {
    install_missing || return 3
    [[ $engine == system ]] || return 0
    if [[ -z $libtorch ]]; then libtorch=/usr; fi
    if ((fresh)) || ! native_current; then build_native >"$logs/native.log" 2>&1; fi
}

# A build that was cut off may have left half-written files that look finished: then everything is compiled anew.
build_dotnet() {
    local target=$root/Repro.sln mark=$root/.setup/building again=() status=0 expected="one to two minutes on two cores the first time"
    if [[ $scope == app ]]; then target=$root/src/Repro.Cli/Repro.Cli.csproj; fi
    if [[ -f $mark ]] || ((fresh)); then again=(--no-incremental); fi
    : >"$mark"
    : >"$logs/build.log"
    step build "building the $(if [[ $scope == app ]]; then echo program; else echo solution; fi)" "$expected" \
        "$dotnet" build "$target" -c Release -nologo -nodeReuse:false -v:minimal -clp:NoSummary "${again[@]}" || status=$?
    # The compiler's own refusal leaves nothing half-written.
    if ((status == 0)) || grep -qE 'error (CS|CA|IDE|NU)[0-9]+' "$logs/build.log"; then rm -f "$mark"; fi
    return "$status"
}

# How many projects are built, from the line that MSBuild prints when one is done.
state_of_build() {
    local finished all last
    finished=$(grep -c ' -> /' "$logs/build.log") || true
    if ((!finished)); then
        if grep -q 'Restored' "$logs/build.log"; then echo "restoring packages"; else echo "beginning"; fi
        return
    fi
    last=$(sed -n 's/^ *\([^ ]*\) -> .*/\1/p' "$logs/build.log" | tail -n 1)
    if [[ $scope == all ]]; then
        all=$(grep -c '^Project.*csproj' "$root/Repro.sln") || true
    else
        # What the program refers to, itself added, as NuGet noted it while restoring.
        all=$(grep -c '"msbuildProject"' "$root/src/Repro.Cli/obj/project.assets.json") || true
        all=$((all + 1))
    fi
    echo "$finished of $all projects, last $last"
}

# How far what runs beside the build is.
state_of_packages() {
    if compgen -G "$root/.setup/native.*/.build.*" >/dev/null; then
        echo "compiling the shim, $(find "$root"/.setup/native.*/.build.* -name '*.o' | wc -l) files done"
    else
        tail -n 1 "$packages_log"
    fi
}

# What ./repro, ./test and ./bench read before they start: where .NET is, the shim, whether there is a cluster, what to watch.
write_env() {
    local text library=''
    for library in "$libtorch"/lib/libtorch_cpu.so /usr/lib/*-linux-gnu/libtorch_cpu.so; do
        if [[ -e $library ]]; then break; fi
    done
    text="# Written by ./setup."$'\n'
    text+=$(printf 'dotnet_root=%q engine=%q cluster_line=%q' "$dotnet_root" "$engine" "$(cluster_line)")$'\n'
    text+=$(printf 'watch_also+=('; [[ $engine == package ]] || printf '%q ' "$library"; ((${#feeds[@]} == 0)) || printf '%q ' "${feeds[@]}"; printf ')')$'\n'
    write_if_different "$root/.setup/env" "$text"
}

# note_built FINGERPRINT : the scope is up to date as of the moment that was marked before.
note_built() {
    local name
    for name in app all; do
        if [[ $name == "$scope" || $scope == all ]]; then
            cp -p "$root/.setup/moment" "$root/.setup/$name.stamp.new" && mv -f "$root/.setup/$name.stamp.new" "$root/.setup/$name.stamp"
        fi
    done
    printf '%s\n' "$1" >"$root/.setup/$scope.built.new" && mv -f "$root/.setup/$scope.built.new" "$root/.setup/$scope.built"
}
