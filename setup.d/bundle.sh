# shellcheck shell=bash
# A self-contained build for machines that have a PyTorch and a C++ compiler, and neither .NET nor a package feed.

make_bundle() {
    local folder top compressor moment
    find_bundle_data
    find_dotnet
    find_openssl
    ask_feeds
    torch=system
    choose
    choose_cluster
    # A tree that is set up keeps its own choice of engine, and packs the cluster where it has that; other choices set it up anew after this.
    if [[ ! -f $root/setup.props ]] || ((choices_changed)); then write_props; fi
    folder=$(mktemp -d "$root/.setup/bundle.XXXXXX")
    top=$folder/repro-bundle
    mkdir "$top"
    # Its intermediate files stay apart: the ordinary build has none of a self-contained one's.
    if ! step publish "publishing a self-contained build" "about a minute on two cores" "$dotnet" publish "$root/src/Repro.Cli/Repro.Cli.csproj" -c Release -r "$(runtime_identifier)" \
        --self-contained --artifacts-path "$root/.setup/publish" -o "$top/app" -nologo -nodeReuse:false -p:ReproTorch=system -p:DebugType=none; then
        if grep -q 'AspNetCore.App.Runtime' "$logs/publish.log"; then
            say "  The feeds lack ASP.NET's runtime package for $(runtime_identifier), which the cluster needs; add a folder that has it with --feed DIR, or pack without the cluster: --cluster none." >&2
        elif grep -q 'NETCore.App.Runtime' "$logs/publish.log"; then
            say "  The feeds lack .NET's runtime package for $(runtime_identifier); add a folder that has it with --feed DIR." >&2
        fi
        rm -rf -- "$folder"
        exit 1
    fi
    fill_bundle "$top"
    moment=$(git -C "$root" log -1 --format=%ct 2>/dev/null) || moment=0
    case $bundle in *.xz) compressor='xz -T0 -6' ;; *) compressor='gzip -n -6' ;; esac
    # The same content gives the same bytes.
    if ! step pack "packing $(basename -- "$bundle")" "seconds; a minute or two with large data" tar --create --file "$bundle.new" --directory "$folder" --sort=name --owner=0 --group=0 --numeric-owner \
        --mtime="@${moment:-0}" --use-compress-program "$compressor" repro-bundle; then
        rm -rf -- "$folder" "$bundle.new"
        exit 1
    fi
    mv -f -- "$bundle.new" "$bundle"
    rm -rf -- "$folder"
    say "$bundle: $(($(stat -c %s "$bundle") / 1048576)) MiB. On the other machine:  tar xf $(basename -- "$bundle") && ./repro-bundle/repro doctor"
}

runtime_identifier() {
    case $(uname -m) in x86_64) echo linux-x64 ;; aarch64) echo linux-arm64 ;; *) fail 3 "a bundle cannot be made on $(uname -m); x86_64 and aarch64 can." ;; esac
}

fill_bundle() {
    local top=$1 path library
    mkdir "$top/native" "$top/provenance"
    cp -rp "$root"/src/Repro.Torch/native/* "$top/native/"
    cp -p "$root/setup.d/bundle/repro" "$root/setup.d/bundle/README.txt" "$root/setup.d/find-libtorch.sh" "$root/LICENSE" "$top/"
    if [[ -d $root/papers ]]; then cp -rp "$root/papers" "$top/"; fi
    if library=$(libstb); then
        cp -L "$library" "$top/app/libstb.so.0"
    else
        say "libstb is not here, so the bundle reads and writes images only where libstb0 is installed. To pack it: $(install_command libstb0)" >&2
    fi
    note_provenance "$top/provenance"
    for path in "${data_paths[@]}"; do
        mkdir -p "$top/data"
        cp -rL "$path" "$top/data/"
        chmod -R u+w "$top/data"
    done
}

# note_provenance FOLDER : what git says of the sources, for the records of runs made elsewhere: `commit` (empty outside a checkout) and
# `diff`, untracked files included; those above 1 MiB are only named in it. The form is that of GitState, which reads it.
note_provenance() {
    local git=(git -C "$root") index=$1/index file size
    : >"$1/diff"
    if ! "${git[@]}" rev-parse HEAD >"$1/commit" 2>/dev/null; then
        : >"$1/commit"
        return
    fi
    # Untracked files enter a diff only through an index; a copy of it takes them, so that the person's own stays as it is.
    if cp -- "$("${git[@]}" rev-parse --path-format=absolute --git-path index)" "$index" && export GIT_INDEX_FILE=$index &&
        "${git[@]}" ls-files --others --exclude-standard -z | while IFS= read -r -d '' file; do
            size=$(stat -c %s -- "$root/$file")
            if ((size > 1 << 20)); then echo "# untracked, too large to keep: $file, $size bytes" >>"$1/diff"; else printf '%s\0' "$file"; fi
        done | "${git[@]}" add --intent-to-add --pathspec-from-file=- --pathspec-file-nul 2>/dev/null &&
        "${git[@]}" diff HEAD --binary --no-color --no-ext-diff >>"$1/diff"; then
        :
    else
        echo "# git diff failed: whether the working tree differed from the commit is not known" >"$1/diff"
    fi
    unset GIT_INDEX_FILE
    rm -f -- "$index"
}

# Sets data_paths from --data: a folder by its name or the beginning of it, where the program looks for data too.
find_bundle_data() {
    local name place found known=()
    data_paths=()
    ((${#bundle_data[@]})) || return 0
    local places=("${REPRO_DATA:-}" "$root/../shared/data" "${XDG_CACHE_HOME:-$HOME/.cache}/repro/data")
    if [[ -n $data_dir ]]; then places=("$data_dir"); fi
    for name in "${bundle_data[@]}"; do
        found=''
        for place in "${places[@]}"; do
            [[ -n $place && -d $place ]] || continue
            if [[ -d $place/$name && $name != */* ]]; then found=$place/$name; break; fi
            for found in "$place/$name"*/; do
                if [[ -d $found ]]; then found=${found%/}; break 2; fi
            done
            found=''
        done
        if [[ -z $found ]]; then
            for place in "${places[@]}"; do
                for found in "$place"/*/; do [[ -z $place || ! -d $found ]] || known+=("$(basename -- "$found")"); done
            done
            ((${#known[@]})) || fail 3 "--data $name: there is no data folder. Looked in: ${places[*]}. Give one with --data-dir DIR or REPRO_DATA."
            refuse_word "data set here" "$name" "${known[@]}"
        fi
        data_paths+=("$found")
    done
}
