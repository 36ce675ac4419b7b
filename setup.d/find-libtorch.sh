# shellcheck shell=bash
# Where this machine has a libtorch with its headers. Sourced by ./setup, and by the `repro` of a bundle, which carries this file.

# libtorch_in DIR : prints the folder under DIR that holds a libtorch with its headers (a PyTorch install's `torch`, an unpacked
# `libtorch`, a virtual environment); /usr means Debian's. Status 1 where there is none.
libtorch_in() {
    local folder
    if [[ ${1%/} == /usr ]] && debian_libtorch; then
        echo /usr
        return
    fi
    for folder in "$1" "$1/torch" "$1/libtorch" "$1"/lib/python3*/site-packages/torch; do
        if [[ -f $folder/include/ATen/ATen.h && -e $folder/lib/libtorch_cpu.so ]]; then
            (cd -- "$folder" && pwd)
            return
        fi
    done
    return 1
}

# What a person reads after --libtorch DIR failed.
# shellcheck disable=SC2034
libtorch_looked_for="Looked for include/ATen/ATen.h and lib/libtorch_cpu.so there and in its folders torch, libtorch and lib/python3*/site-packages/torch."

# Is Debian's libtorch-dev there, headers and all?
debian_libtorch() {
    local library
    [[ -f /usr/include/ATen/ATen.h ]] || return 1
    for library in /usr/lib/*-linux-gnu/libtorch_cpu.so; do [[ ! -e $library ]] || return 0; done
    return 1
}

# Prints the torch folder of a PyTorch with headers that a python on PATH would import: the first that was built for a GPU, otherwise
# the first. It is asked for without being imported, which would take a second or more. Status 1 where there is none.
python_libtorch() {
    local python folder found first=''
    # From /, because a folder `torch` of the current one would be found before the installed one.
    local where='import importlib.util as u, sys; s = u.find_spec("torch"); s and print(s.submodule_search_locations[0], sys.prefix, sep="\n")'
    for python in $(type -aP python3 python || true); do
        while IFS= read -r folder; do
            found=$(libtorch_in "$folder") || continue
            if [[ -e $found/lib/libtorch_cuda.so || -e $found/lib/libtorch_hip.so ]]; then
                echo "$found"
                return
            fi
            first=${first:-$found}
        done < <(cd / && "$python" -c "$where" 2>/dev/null)
    done
    [[ -n $first ]] && echo "$first"
}

# libtorch_version DIR : such as 1.13.1 or 2.7.0+cu128.
libtorch_version() {
    local folder=$1 header
    if [[ -f $folder/version.py ]]; then
        sed -n "s/^__version__ *[:=][^'\"]*['\"]\([^'\"]*\)['\"].*/\1/p" "$folder/version.py" | head -n 1
    elif [[ -f $folder/build-version ]]; then
        head -n 1 "$folder/build-version"
    elif [[ $folder == /usr ]] && dpkg-query -Wf '${Version}' libtorch-dev 2>/dev/null; then
        return
    else
        header=$folder/include/torch/csrc/api/include/torch/version.h
        [[ -f $header ]] || return 0
        awk '/#define TORCH_VERSION_(MAJOR|MINOR|PATCH) / { printf "%s%s", dot, $3; dot = "." }' "$header"
    fi
}
