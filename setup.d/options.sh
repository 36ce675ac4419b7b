# shellcheck shell=bash
# The command line of ./setup, and what it remembers from one run to the next.

usage() {
    cat <<'END'
Usage: ./setup [OPTION]...
Finds out what the package feeds and this machine can give, installs what is missing, and builds. ./repro and ./test call it
by themselves; when nothing changed it does nothing.

  --feed DIR            adds a folder of .nupkg files to the feeds (may be repeated; remembered)
  --torch WHICH         the engine: package (TorchSharp from a feed), system (this machine's libtorch) or auto (remembered)
  --libtorch DIR        the libtorch to build against: a PyTorch install's torch folder, or an unpacked libtorch (remembered;
                        means --torch system)
  --cluster WHICH       the cluster: orleans (Microsoft.Orleans from a feed), none, or auto (remembered)
  --forget              forgets --feed, --torch, --libtorch and --cluster as given before
  --refresh             asks the feeds again and builds again, changed or not
  --no-install          installs no system packages; says which are missing
  --bundle FILE         packs a self-contained build for a machine without .NET into FILE (.tar.gz or .tar.xz)
  --data NAME           a data set's folder to pack into the bundle (may be repeated)
  --data-dir DIR        where --data is looked for (default: REPRO_DATA, ../shared/data, the per-user cache)
  --only app            builds the program without the tests (what ./repro asks for)
  --quiet               says little unless something fails or takes long
  --help                this text

Examples:
  ./setup
  ./setup --feed /media/packages --torch package
  ./setup --libtorch ~/venv/lib/python3.12/site-packages/torch
  ./setup --bundle repro.tar.gz --data cifar-10

Exit codes: 0 done, 1 a step failed, 2 bad usage, 3 something required is missing here, 130 interrupted. Logs: .setup/logs/
END
}

valid_options=(--feed --torch --libtorch --cluster --forget --refresh --no-install --bundle --data --data-dir --only --quiet --help)

# Sets: scope, fresh, install, quiet, bundle, bundle_data, data_dir, and given_* (what is to be remembered).
parse_options() {
    scope=all fresh=0 install=1 bundle='' data_dir='' forget=0
    bundle_data=() given_feeds=() given_torch='' given_libtorch='' given_cluster=''
    while (($#)); do
        case $1 in
            --feed | --torch | --libtorch | --cluster | --bundle | --data | --data-dir | --only)
                [[ -n ${2-} ]] || fail 2 "$1 wants a value. See ./setup --help."
                take_value "$1" "$2"
                shift 2
                ;;
            --feed=* | --torch=* | --libtorch=* | --cluster=* | --bundle=* | --data=* | --data-dir=* | --only=*)
                take_value "${1%%=*}" "${1#*=}"
                shift
                ;;
            --forget) forget=1; shift ;;
            --refresh) fresh=1; shift ;;
            --no-install) install=0; shift ;;
            --quiet) quiet=1; shift ;;
            --help | -h) usage; exit 0 ;;
            -*) refuse_word "option of ./setup" "$1" "${valid_options[@]}" ;;
            *) fail 2 "./setup takes options only, not '$1'. See ./setup --help." ;;
        esac
    done
    if ((${#bundle_data[@]})) && [[ -z $bundle ]]; then fail 2 "--data goes with --bundle FILE: it names what to pack."; fi
    if [[ $given_torch == package && -n $given_libtorch ]]; then
        fail 2 "--torch package and --libtorch contradict each other: the package brings its own libtorch."
    fi
    # A libtorch of one's own asks for the engine that uses it.
    if [[ -n $given_libtorch ]]; then given_torch=system; fi
}

take_value() {
    local option=$1 value=$2
    case $option in
        --feed)
            [[ -d $value ]] || fail 2 "--feed: there is no folder '$value'."
            [[ -n $(find -H "$value" -maxdepth 3 -name '*.nupkg' -print -quit) ]] || fail 2 "--feed: no .nupkg file lies in '$value' (looked three folders deep)."
            [[ $value != *$'\n'* && $value != *\;* ]] || fail 2 "--feed: a folder's name may hold neither ';' nor a line break: '$value'."
            given_feeds+=("$(cd -- "$value" && pwd)")
            ;;
        --torch)
            case $value in package | system | auto) given_torch=$value ;; *) refuse_word "value of --torch" "$value" package system auto ;; esac
            ;;
        --cluster)
            case $value in orleans | none | auto) given_cluster=$value ;; *) refuse_word "value of --cluster" "$value" orleans none auto ;; esac
            ;;
        --libtorch)
            given_libtorch=$(libtorch_in "$value") || fail 2 "--libtorch: no libtorch with its headers is in '$value'." "$libtorch_looked_for"
            ;;
        --only)
            case $value in app | all) scope=$value ;; *) refuse_word "value of --only" "$value" app all ;; esac
            ;;
        --bundle)
            case $value in *.tar.gz | *.tgz | *.tar.xz) ;; *) fail 2 "--bundle: '$value' should end in .tar.gz or .tar.xz." ;; esac
            [[ -d $(dirname -- "$value") ]] || fail 2 "--bundle: there is no folder '$(dirname -- "$value")'."
            bundle=$(cd -- "$(dirname -- "$value")" && pwd)/$(basename -- "$value")
            ;;
        --data) bundle_data+=("$value") ;;
        --data-dir)
            [[ -d $value ]] || fail 2 "--data-dir: there is no folder '$value'."
            data_dir=$(cd -- "$value" && pwd)
            ;;
    esac
}

# Sets: feeds, torch, libtorch_given, cluster_given, from what was remembered and what is given now; remembers them where that differs, and sets choices_changed.
remember_choices() {
    local file=$root/.setup/choices line text=''
    choices_changed=0
    feeds=() torch=auto libtorch_given='' cluster_given=auto
    if ((!forget)) && [[ -f $file ]]; then
        while IFS= read -r line; do
            case $line in
                feed=*) feeds+=("${line#*=}") ;;
                torch=*) torch=${line#*=} ;;
                libtorch=*) libtorch_given=${line#*=} ;;
                cluster=*) cluster_given=${line#*=} ;;
            esac
        done <"$file"
    fi
    for line in "${given_feeds[@]}"; do
        [[ " ${feeds[*]} " == *" $line "* ]] || feeds+=("$line")
    done
    if [[ -n $given_torch ]]; then
        torch=$given_torch
        [[ $torch == system ]] || libtorch_given=''
    fi
    if [[ -n $given_libtorch ]]; then libtorch_given=$given_libtorch; fi
    if [[ -n $given_cluster ]]; then cluster_given=$given_cluster; fi
    for line in "${feeds[@]}"; do text+="feed=$line"$'\n'; done
    if [[ $torch != auto ]]; then text+="torch=$torch"$'\n'; fi
    if [[ -n $libtorch_given ]]; then text+="libtorch=$libtorch_given"$'\n'; fi
    if [[ $cluster_given != auto ]]; then text+="cluster=$cluster_given"$'\n'; fi
    if [[ -f $file ]] && ! says "$file" "$text"; then choices_changed=1; fi
    write_if_different "$file" "$text"
}

says() { [[ -f $1 && $(cat -- "$1"; printf x) == "${2}x" ]]; }

# write_if_different FILE TEXT : whole or not at all, and untouched where it already says so.
write_if_different() {
    local file=$1 text=$2
    if says "$file" "$text"; then return; fi
    if ! { printf '%s' "$text" >"$file.new" && mv -f -- "$file.new" "$file"; }; then
        fail 1 "cannot write $file; is the disk full? $(filesystem_of "$root")"
    fi
}
