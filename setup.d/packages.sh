# shellcheck shell=bash
# System packages: only what is missing, with apt-get. Elsewhere, or without root, says exactly what to install.

# Sets: missing_required, missing_optional (Debian's package names), for what was chosen.
find_missing() {
    missing_required=() missing_optional=()
    if [[ $engine == system ]]; then
        if ! type -P "${CXX:-g++}" >/dev/null; then missing_required+=(g++); fi
        if [[ -z $libtorch ]]; then missing_required+=(libtorch-dev); fi
        # libtorch-dev alone brings the reference BLAS, whose matrix products are many times slower.
        if [[ -z $libtorch || $libtorch == /usr ]] && ! fast_blas >/dev/null; then missing_optional+=(libopenblas0-pthread); fi
    fi
    if [[ $figures == gnuplot ]] && ! type -P gnuplot >/dev/null; then missing_optional+=(gnuplot-nox); fi
    # Without any font, gnuplot's cairo terminals draw empty boxes for letters.
    if [[ $figures == gnuplot ]] && ! any_font; then missing_optional+=(fonts-dejavu-core); fi
    if ! libstb >/dev/null; then missing_optional+=(libstb0); fi
    if ! type -P git >/dev/null; then missing_optional+=(git); fi
    # The tests start a server of their own; the program only ever connects to one.
    if [[ ${scope-} == all ]] && ! postgres_server; then missing_optional+=(postgresql); fi
    # They read reports in a browser, and on paper.
    if [[ ${scope-} == all ]] && ! browser; then missing_optional+=(chromium); fi
    if [[ ${scope-} == all ]] && ! type -P pdftotext >/dev/null; then missing_optional+=(poppler-utils); fi
}

browser() { [[ -n $(type -P chromium chromium-browser google-chrome) ]]; }

postgres_server() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }

any_font() { [[ -n $(find /usr/share/fonts /usr/local/share/fonts "$HOME/.fonts" "$HOME/.local/share/fonts" \( -name '*.ttf' -o -name '*.otf' \) -print -quit 2>/dev/null) ]]; }

# The file of libstb, where it is installed.
libstb() {
    local file
    for file in /usr/lib/*-linux-gnu/libstb.so.0 /usr/lib/libstb.so.0 /usr/lib64/libstb.so.0 /usr/local/lib/libstb.so.0; do
        if [[ -e $file ]]; then
            echo "$file"
            return
        fi
    done
    return 1
}

# The BLAS that Debian's libtorch loads, unless it is the reference one.
fast_blas() {
    local file
    for file in /usr/lib/*-linux-gnu/libblas.so.3; do
        file=$(readlink -f -- "$file")
        if [[ -e $file && $file != */blas/* ]]; then
            echo "$file"
            return
        fi
    done
    return 1
}

install_command() { echo "sudo apt-get install --no-install-recommends $*"; }

# Installs what is missing; runs beside the build, so all that it says goes to its log. Status 3: something required cannot be had.
install_missing() {
    local wanted=("${missing_required[@]}" "${missing_optional[@]}") package
    ((${#wanted[@]})) || return 0
    if ! can_install; then
        ((${#missing_required[@]} == 0)) || return 3
        return 0
    fi
    if apt_install "${wanted[@]}"; then return 0; fi
    # An optional one that cannot be had must not keep the others away.
    if ((${#missing_required[@]})); then
        ((${#missing_optional[@]})) && apt_install "${missing_required[@]}" || return 3
    fi
    ((${#wanted[@]} > 1)) || return 0
    for package in "${missing_optional[@]}"; do apt_install "$package" || true; done
}

apt_install() {
    if [[ " $* " == *" postgresql "* ]]; then without_cluster "$@"; else apt_get_install "$@"; fi
}

# Debian's postgresql makes a database and starts its server when it is installed: nobody here asked for that.
without_cluster() {
    local folder=/etc/postgresql-common/createcluster.d status=0
    as_root mkdir -p "$folder"
    echo 'create_main_cluster = false' | as_root tee "$folder/repro.conf" >/dev/null
    apt_get_install "$@" || status=$?
    as_root rm -f "$folder/repro.conf"
    return "$status"
}

apt_get_install() {
    local options=(-y --no-install-recommends -o "DPkg::Lock::Timeout=600" -o "Dpkg::Use-Pty=0")
    printf 'installing: %s\n' "$*"
    # An installation that was cut off must be finished before another one starts.
    if [[ -n $(find /var/lib/dpkg/updates -type f -print -quit 2>/dev/null) ]]; then as_root dpkg --configure -a; fi
    # The lists are fetched only where those at hand do not lead to the packages.
    if apt-get -s install "${options[@]}" "$@" >/dev/null 2>&1 && as_root apt-get install "${options[@]}" "$@"; then return 0; fi
    as_root apt-get update && as_root apt-get install "${options[@]}" "$@"
}

as_root() {
    if ((EUID == 0)); then
        DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo -n DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

# Sets no_install_why where it may not be done. Asks for sudo's password here, in the foreground, where a person can give it.
can_install() {
    no_install_why=''
    if ((!install)); then no_install_why="--no-install was given"
    elif ! type -P apt-get >/dev/null; then no_install_why="this is no Debian or Ubuntu (there is no apt-get)"
    elif ((EUID == 0)); then :
    elif ! type -P sudo >/dev/null; then no_install_why="that needs root, and there is no sudo"
    elif sudo -n true 2>/dev/null; then :
    elif [[ -t 0 && -t 2 ]] && sudo -v -p 'setup: sudo password, to install system packages: '; then :
    else no_install_why="that needs root, and sudo asks for a password"
    fi
    [[ -z $no_install_why ]]
}

# refuse_missing : exit code 3 with what to install, elsewhere too.
refuse_missing() {
    fail 3 "required and missing: ${missing_required[*]}${no_install_why:+; not installed, because $no_install_why}." \
        "Debian, Ubuntu: $(install_command "${missing_required[@]}" "${missing_optional[@]}")" \
        "Elsewhere: a C++17 compiler, and a PyTorch with its headers (pip's or conda's): ./setup --libtorch DIR, with its folder 'torch'." \
        "Or a folder with the TorchSharp packages, which need neither: ./setup --feed DIR" \
        "Then run ./setup again."
}
