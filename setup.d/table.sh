# shellcheck shell=bash
# What was chosen, and why: printed, and kept for `./repro doctor`.

print_table() {
    local rows=() file=$root/.setup/components row
    row() { rows+=("$1"$'\t'"$2"$'\t'"${3:-?}"$'\t'"$4"); }
    row ".NET SDK" "$dotnet_root" "$sdk" "global.json asks for $(sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' "$root/global.json") or later"
    if [[ $engine == package ]]; then
        row engine "TorchSharp + $engine_package" "${versions[TorchSharp]}" "$engine_why"
    elif [[ $libtorch == /usr ]]; then
        row engine "Repro.Torch on Debian's libtorch" "$(libtorch_version /usr)" "$engine_why"
        row BLAS "$(fast_blas || echo 'the reference BLAS')" "-" "what Debian's libtorch loads"
    else
        row engine "Repro.Torch on $libtorch" "$(libtorch_version "$libtorch")" "$engine_why"
    fi
    if [[ $engine == system ]]; then row "C++ compiler" "${CXX:-g++}" "$("${CXX:-g++}" -dumpfullversion 2>/dev/null || echo '?')" "builds the shim over libtorch"; fi
    if [[ $figures == scottplot ]]; then
        row figures ScottPlot "${versions[ScottPlot]}" "$figures_why"
    else
        row figures "$(type -P gnuplot || echo 'gnuplot (missing)')" "$(gnuplot --version 2>/dev/null | sed 's/gnuplot \([0-9.]*\) patchlevel /\1./' || true)" "$figures_why"
    fi
    if [[ $cluster == orleans ]]; then
        row cluster "Microsoft.Orleans$([[ $dashboard == none ]] || echo ', with its dashboard')" "${versions[${cluster_packages[0]}]}" "$cluster_why${dashboard_why:+; no dashboard: $dashboard_why}"
    else
        row cluster "none (not compiled)" - "$cluster_why"
    fi
    row images "$(libstb || echo 'libstb (missing)')" "-" "reads and writes PNG and JPEG"
    row git "$(type -P git || echo 'git (missing)')" "$(git --version 2>/dev/null | sed 's/git version //' || true)" "a run records its commit"
    { printf '%s\n' "${rows[@]}"; } >"$file.new" && mv -f "$file.new" "$file"
    printf '\n'
    {
        printf 'component\tchosen\tversion\twhy\n'
        cat "$file"
    } | awk -F'\t' '
        { for (i = 1; i <= NF; i++) { cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i) } }
        END { for (r = 1; r <= NR; r++) { line = ""; for (i = 1; i < 4; i++) line = line sprintf("%-" width[i] "s  ", cell[r, i]); print line cell[r, 4] } }'
    printf '\n'
}
