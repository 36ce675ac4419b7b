# shellcheck shell=bash
# Which packages the configured feeds can restore: asked by restoring them for real, all at once, and remembered until feeds or
# versions change. A package counts only in the wanted version and with all that it depends on.

# Sets: answers (package -> yes|no), reasons (package -> why), versions (package -> the wanted version).
ask_feeds() {
    local key cache=$root/.setup/feeds line package answer reason
    declare -gA answers=() reasons=() versions=()
    wanted_packages
    key=$(feeds_key)
    if ((!fresh)) && [[ -f $cache && $(head -n 1 "$cache") == "$key" ]]; then
        while IFS=$'\t' read -r package answer reason; do
            answers[$package]=$answer reasons[$package]=$reason
        done < <(tail -n +2 "$cache")
        return
    fi
    progress "asking the feeds for $(printf '%s, ' "${!versions[@]}" | sed 's/, $//') ..."
    probe
    progress "$(for package in "${!answers[@]}"; do printf '%s: %s; ' "$package" "${answers[$package]}"; done | sed 's/; $//')"
    # The first restore on a machine writes NuGet's settings, which are part of the key.
    line=$(feeds_key)$'\n'
    for package in "${!answers[@]}"; do
        # A feed that could not be reached gave no answer worth keeping.
        if [[ ${answers[$package]} == unknown ]]; then
            rm -f "$cache"
            say "What the feeds have of $package is not known: ${reasons[$package]}. The next setup asks again." >&2
            return
        fi
        line+=$package$'\t'${answers[$package]}$'\t'${reasons[$package]}$'\n'
    done
    write_if_different "$cache" "$line"
}

# The packages that stand behind a seam. TorchSharp's CUDA build is gigabytes: asked for only where a GPU could use it.
wanted_packages() {
    local torch_version figures_version package
    torch_version=$(version_of TorchSharpVersion)
    figures_version=$(version_of ScottPlotVersion)
    versions[TorchSharp]=$torch_version
    versions[ScottPlot]=$figures_version
    for package in "${cluster_packages[@]}" "$dashboard_package"; do versions[$package]=$(version_of OrleansVersion); done
    if has_nvidia; then versions[TorchSharp-cuda-linux]=$torch_version; else versions[TorchSharp-cpu]=$torch_version; fi
}

version_of() { sed -n "s:.*<$1>\(.*\)</$1>.*:\1:p" "$root/Directory.Packages.props"; }

has_nvidia() { [[ -e /proc/driver/nvidia/version || -e /dev/nvidiactl || -e /dev/dxg ]]; }

# Everything that an answer depends on.
feeds_key() {
    local file
    {
        printf '%s\n' "$sdk" "${NUGET_PACKAGES:-}" "${feeds[@]}"
        for package in "${!versions[@]}"; do printf '%s %s\n' "$package" "${versions[$package]}"; done | sort
        file=$root
        while :; do
            cat "${file%/}"/[Nn]u[Gg]et.[Cc]onfig 2>/dev/null || true
            [[ -n ${file%/} ]] || break
            file=$(dirname -- "$file")
        done
        cat "$HOME"/.nuget/NuGet/*.[Cc]onfig "$HOME"/.nuget/config/*.[Cc]onfig "$HOME"/.config/NuGet/*.[Cc]onfig 2>/dev/null || true
        for file in "${feeds[@]}"; do find -H "$file" -maxdepth 3 -name '*.nupkg' -printf '%P %s %T@\n' 2>/dev/null | sort; done
    } | sha256sum | cut -d' ' -f1
}

# One restore of a small project a package, in one process; the project's assets say what was really resolved.
probe() {
    local folder package list='' log=$logs/feeds.log listing
    folder=$(mktemp -d "$root/.setup/probe.XXXXXX")
    # The probes take the tree's feeds, not its build settings.
    for package in Directory.Build.props Directory.Build.targets Directory.Packages.props; do echo '<Project/>' >"$folder/$package"; done
    for package in "${!versions[@]}"; do
        mkdir "$folder/$package"
        cat >"$folder/$package/probe-$package.csproj" <<END
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <NuGetAudit>false</NuGetAudit>
    $(feed_properties)
  </PropertyGroup>
  <ItemGroup><PackageReference Include="$package" Version="[${versions[$package]}]" /></ItemGroup>
</Project>
END
        list+="<Project Path=\"$package/probe-$package.csproj\" />"
    done
    printf '<Solution>%s</Solution>\n' "$list" >"$folder/probe.slnx"
    (cd "$folder" && run_logged "$logs/sources.log" "$dotnet" nuget list source --format short) &
    listing=$!
    run_logged "$log" "$dotnet" restore "$folder/probe.slnx" -nologo -nodeReuse:false -v:quiet || true
    wait "$listing" || true
    for package in "${!versions[@]}"; do read_answer "$package" "$folder/$package" "$log"; done
    rm -rf -- "$folder"
}

read_answer() {
    local package=$1 folder=$2 log=$3 version=${versions[$1]} assets=$2/obj/project.assets.json lines
    lines=$(grep -F "$folder/probe-$package.csproj" "$log" | sed 's/^[^:]* : //; s/ \[.*//' | sort -u) || true
    answers[$package]=no
    if [[ $lines == *"error NU1301"* || $lines == *"warning NU1801"* && $lines == *error* ]]; then
        answers[$package]=unknown
        reasons[$package]="a feed could not be reached ($(sed -n '/:\/\//s/.*NU1[38]01: *//p' <<<"$lines" | head -n 1))"
    elif [[ $lines == *"error NU1102: Unable to find package $package with"* ]]; then
        reasons[$package]="the feeds have other versions only, not $version"
    elif [[ $lines == *"error NU1101: Unable to find package $package."* ]]; then
        reasons[$package]="no feed has it"
    elif [[ $lines == *"error "* ]]; then
        reasons[$package]=$(sed -n '/^error NU1102: *- Found/d; s/^error NU1101: Unable to find package \([^ ]*\)\. .*/its dependency \1 is in no feed/p; t
            s/^error NU1102: Unable to find package \([^ ]*\) with version (\(.*\))$/its dependency \1 \2 is in no feed/p; t; s/^error //p' <<<"$lines" | head -n 1)
    elif ! grep -qF "\"$package/$version\"" "$assets" 2>/dev/null; then
        answers[$package]=unknown
        reasons[$package]="the restore itself failed; see $log"
    elif reasons[$package]=$(other_major "$lines") && [[ -n ${reasons[$package]} ]]; then
        :
    elif reasons[$package]=$(foreign "$package" "$version" "$assets") && [[ -n ${reasons[$package]} ]]; then
        :
    elif reasons[$package]=$(unloadable "$package" "$version" "$assets") && [[ -n ${reasons[$package]} ]]; then
        :
    else
        answers[$package]=yes
        reasons[$package]="restores"
    fi
}

# A package that lies in NuGet's package folder restores without any feed, for as long as nobody empties it: it counts where it came
# from a feed that is configured now.
foreign() {
    local folder source
    folder=$(package_folder "$3")
    source=$(sed -n 's/^ *"source": "\(.*\)".*/\1/p' "${folder%/}/${1,,}/$2/.nupkg.metadata" 2>/dev/null) || true
    [[ -n $source ]] || return 0
    printf '%s\n' "${feeds[@]}" | grep -qxF -- "${source%/}" && return
    grep -qF -- "${source%/}" "$logs/sources.log" || echo "only in NuGet's package folder, from a feed that is not configured now ($source)"
}

# Where a restore put its packages, by its assets.
package_folder() { sed -n '/"packageFolders"/{n; s/^ *"\(.*\)": .*/\1/p; q}' "$1"; }

# A package that restores may still not load: TorchSharp's library is linked against a newer libstdc++ than Debian 12 has.
unloadable() {
    local folder library missing
    folder=$(package_folder "$3")
    for library in "${folder%/}/${1,,}/$2/runtimes"/linux-*/native/lib*.so; do
        [[ -e $library ]] || continue
        missing=$(ldd "$library" 2>&1 | sed -n "s/.* version \`\([^']*\)' not found (required by.*/\1/p" | head -n 1) || true
        if [[ -n $missing ]]; then
            echo "its ${library##*/} needs $missing, which no library here has"
            return
        fi
    done
}

# From NU1603 ("X depends on Y (>= 1.2.0) but Y 1.2.0 was not found. Y 2.0.0 was resolved instead."): a dependency of another major version.
other_major() {
    sed -n 's/.*NU1603: .* depends on \([^ ]*\) (>= \([0-9]*\)\([^)]*\)) but .*\. [^ ]* \([0-9]*\)\([^ ]*\) was resolved.*/\1 \2 \3 \4 \5/p' <<<"$1" |
        awk '$2 != $(NF - 1) { printf "its dependency %s %s%s is missing, only %s%s is there", $1, $2, $3, $(NF - 1), $NF; exit }'
}

# MSBuild properties for the folders given with --feed. Other feeds may be out of reach at an offline site: that is no error there.
feed_properties() {
    ((${#feeds[@]})) || return 0
    local joined
    joined=$(printf '%s;' "${feeds[@]}" | sed 's/%/%25/g; s/;$//; s/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/\$/%24/g; s/@/%40/g')
    printf '<RestoreAdditionalProjectSources>%s</RestoreAdditionalProjectSources><RestoreIgnoreFailedSources>true</RestoreIgnoreFailedSources>' "$joined"
}
