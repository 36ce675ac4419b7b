# shellcheck shell=bash
# The engine: TorchSharp from a feed, or this machine's libtorch (Debian's, or the one inside a PyTorch install).

# libtorch_in DIR : prints the folder under DIR that holds a libtorch with its headers (a PyTorch install's `torch`, an unpacked
# `libtorch`, a virtual environment); /usr means Debian's. Status 1 where there is none.
libtorch_in() {
    local folder
    if [[ $1 == /usr || $1 == /usr/ ]] && debian_libtorch; then
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

# Is Debian's libtorch-dev there, headers and all?
debian_libtorch() {
    local library
    [[ -f /usr/include/ATen/ATen.h ]] || return 1
    for library in /usr/lib/*-linux-gnu/libtorch_cpu.so; do [[ ! -e $library ]] || return 0; done
    return 1
}

# The torch folder of the PyTorch that python3 imports, where it carries headers; without importing it, which takes a second.
python_libtorch() {
    local python folder
    for python in $(type -aP python3 || true); do
        folder=$("$python" -c 'import importlib.util as u; s = u.find_spec("torch"); print(s.submodule_search_locations[0] if s else "")' 2>/dev/null) || continue
        if [[ -n $folder ]] && libtorch_in "$folder"; then return; fi
    done
    return 1
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

# Sets: engine (package|system), engine_package, engine_why, libtorch (its folder; empty: still to be installed), figures, figures_why.
choose() {
    local bundle_of=TorchSharp-cpu
    if [[ -n ${versions[TorchSharp-cuda-linux]-} ]]; then bundle_of=TorchSharp-cuda-linux; fi
    engine=system engine_package='' libtorch=''
    if [[ ${answers[TorchSharp]} == yes && ${answers[$bundle_of]} == yes ]]; then
        if [[ $torch != system ]]; then
            engine=package engine_package=$bundle_of
            engine_why="the feeds have TorchSharp and $bundle_of"
            if [[ $torch == package ]]; then engine_why+="; asked for"; fi
        else
            engine_why="asked for with ${libtorch_given:+--libtorch}${libtorch_given:---torch system}"
            engine_why=${engine_why/--libtorch*/--libtorch}
        fi
    else
        if [[ ${answers[TorchSharp]} != yes ]]; then engine_why="TorchSharp ${versions[TorchSharp]}: ${reasons[TorchSharp]}"; else engine_why="$bundle_of: ${reasons[$bundle_of]}"; fi
        if [[ $torch == package ]]; then
            fail 3 "--torch package: $engine_why." "Add a folder that holds TorchSharp ${versions[TorchSharp]}, $bundle_of and what they depend on:  ./setup --feed DIR --torch package" \
                "Or use this machine's libtorch:  ./setup --torch system"
        fi
        if [[ $torch == system ]]; then engine_why="asked for"; fi
    fi
    if [[ $engine == system ]]; then find_libtorch; fi

    figures=gnuplot figures_why="ScottPlot ${versions[ScottPlot]}: ${reasons[ScottPlot]}"
    if [[ ${answers[ScottPlot]} == yes ]]; then figures=scottplot figures_why="the feeds have it"; fi
}

# The one asked for; with a GPU, a PyTorch built for CUDA; Debian's; any PyTorch; otherwise Debian's is to be installed.
find_libtorch() {
    local found
    if [[ -n $libtorch_given ]]; then
        libtorch=$(libtorch_in "$libtorch_given") || fail 3 "the libtorch given before is gone: $libtorch_given." \
            "Give another:  ./setup --libtorch DIR   or let setup choose:  ./setup --forget"
        return
    fi
    found=$(python_libtorch) || found=''
    if [[ -n $found && -e $found/lib/libtorch_cuda.so ]] && has_nvidia; then
        libtorch=$found engine_why+="; there is an NVIDIA GPU, and python3 has a PyTorch with CUDA"
    elif debian_libtorch; then
        libtorch=/usr
    elif [[ -n $found ]]; then
        libtorch=$found engine_why+="; python3 has a PyTorch"
    fi
}
