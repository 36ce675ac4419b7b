# shellcheck shell=bash
# The C++ shim between Repro.Torch and libtorch: built when its source, its libtorch or the compiler changed.

# Everything that the shim depends on, in one line.
native_key() {
    {
        find "$root/src/Repro.Torch/native" -type f -print0 | sort -z | xargs -0 sha256sum
        printf '%s %s\n' "$libtorch" "$(libtorch_version "$libtorch")"
        stat -Lc '%n %s %Z' "$libtorch"/lib/libtorch_cpu.so /usr/lib/*-linux-gnu/libtorch_cpu.so 2>/dev/null || true
        "${CXX:-g++}" --version | head -n 1
    } | sha256sum | cut -d' ' -f1
}

native_current() { [[ -f $shim && -f $root/.setup/native/key && $(cat "$root/.setup/native/key") == "$(native_key)" ]]; }

# Into a folder of its own, then into place by renaming: a program that runs keeps the old file, and a cut-off build leaves nothing.
build_native() {
    local folder file key where=()
    key=$(native_key)
    [[ $libtorch == /usr ]] || where=("$libtorch")
    folder=$(mktemp -d "$root/.setup/native.XXXXXX")
    if ! "$root/src/Repro.Torch/native/build" "$folder" "${where[@]}" || [[ ! -f $folder/${shim##*/} ]]; then
        rm -rf -- "$folder"
        return 1
    fi
    mkdir -p "${shim%/*}"
    for file in "$folder"/*; do mv -f -- "$file" "${shim%/*}/"; done
    printf '%s\n' "$key" >"${shim%/*}/key.new"
    mv -f "${shim%/*}/key.new" "${shim%/*}/key"
    rm -rf -- "$folder"
}
