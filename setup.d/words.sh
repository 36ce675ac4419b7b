# shellcheck shell=bash
# Words that a person typed: the nearest valid one.

# nearest WORD VALID... : prints the valid word with the fewest edits, nothing where none is near.
nearest() {
    local word=$1
    shift
    printf '%s\n' "$@" | awk -v word="$word" '
        function min(a, b) { return a < b ? a : b }
        function distance(a, b,    i, j, previous, current, n, m) {
            n = length(a); m = length(b)
            for (j = 0; j <= m; j++) previous[j] = j
            for (i = 1; i <= n; i++) {
                current[0] = i
                for (j = 1; j <= m; j++)
                    current[j] = min(min(previous[j] + 1, current[j - 1] + 1), previous[j - 1] + (substr(a, i, 1) != substr(b, j, 1)))
                for (j = 0; j <= m; j++) previous[j] = current[j]
            }
            return previous[m]
        }
        { d = distance(tolower(word), tolower($0)); if (NR == 1 || d < best) { best = d; found = $0 } }
        END { if (NR && best <= (length(word) > 4 ? length(word) / 2 : 2)) print found }'
}

# refuse_word WHAT WORD VALID... : ends with exit code 2, naming the word and what would have been right.
refuse_word() {
    local what=$1 word=$2 near
    shift 2
    near=$(nearest "$word" "$@")
    # shellcheck disable=SC2016
    fail 2 "'$word' is no $what.${near:+ Did you mean '$near'?} Valid: $*."
}
