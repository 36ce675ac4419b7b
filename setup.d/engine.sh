# shellcheck shell=bash
# What computes: TorchSharp from a feed, or this machine's libtorch (Debian's, or the one inside a PyTorch install).

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
