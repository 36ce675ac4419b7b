# shellcheck shell=bash
# Reads what the test processes left: counts, failures, reasons of skipped tests. Needs $results.

passed=0 failed=0 skipped=0
declare -A skip_reasons=()
failures=()

# trx FILE : one line a test that did not pass (outcome TAB name TAB first lines of the message), and one with the counts.
trx() {
    awk '
        function text(s) { gsub(/&lt;/, "<", s); gsub(/&gt;/, ">", s); gsub(/&quot;/, "\"", s); gsub(/&apos;/, "\x27", s); gsub(/&#xD;|&#xA;|&#x9;/, " ", s); gsub(/&amp;/, "\\&", s); return s }
        function attribute(s, name) { return match(s, " " name "=\"[^\"]*\"") ? text(substr(s, RSTART + length(name) + 3, RLENGTH - length(name) - 4)) : "" }
        /<UnitTestResult / { outcome = attribute($0, "outcome"); test = attribute($0, "testName"); message = at = ""; open = !/\/>[ \t\r]*$/
                             if (outcome != "Passed" && !open) print outcome "\t" test "\t" }
        open && /<Message>/ { inside = 1; sub(/.*<Message>/, "") }
        inside { line = $0; if (line ~ /<\/Message>/) { sub(/<\/Message>.*/, "", line); inside = 0 } message = message (message == "" ? "" : " | ") text(line) }
        open && !at && outcome == "Failed" && /^ *(<StackTrace>)?.* in .*:line [0-9]+/ { at = $0; sub(/.* in /, "in ", at); sub(/<.*/, "", at); sub(/\r$/, "", at); message = message " | " at }
        /<\/UnitTestResult>/ { if (outcome != "Passed") print outcome "\t" test "\t" message; open = 0 }
        /<Counters / { print "Counts\t" attribute($0, "total") + 0 "\t" attribute($0, "passed") + 0 "\t" attribute($0, "failed") + attribute($0, "error") + attribute($0, "timeout") + attribute($0, "aborted") }
    ' "$1"
}

# count_project NAME STATUS : adds one project's results to the sums and prints its line. A process that ended without saying how its
# tests went counts as a failure.
count_project() {
    local name=$1 status=$2 file=$results/$1.trx kind first second third total=0 ok=0 bad=0 left_out odd=''
    if [[ -f $file ]]; then
        while IFS=$'\t' read -r kind first second third; do
            case $kind in
                Counts) total=$first ok=$second bad=$third ;;
                NotExecuted) second=${second:-no reason given}; skip_reasons[$second]=$((${skip_reasons[$second]:-0} + 1)) ;;
                *) failures+=("$first"$'\n'"${second//' | '/$'\n'}") ;;
            esac
        done < <(trx "$file")
    fi
    left_out=$((total - ok - bad))
    if grep -qE 'Test host process crashed|[Tt]est [Rr]un (was )?[Aa]borted' "$results/$name.log"; then
        odd="the test process crashed, and the tests after that moment did not run. Which test it was:  dotnet vstest ${assembly_of[$name]} --Blame"
    elif ((status == 124 || status == 137)); then
        odd="it did not end within half an hour"
    elif ((status && !bad)); then
        odd="the test process ended with exit code $status"
    elif ((!total)) && grep -q 'No test is available' "$results/$name.log"; then
        odd="no test was found in its assembly"
    fi
    if [[ -n $odd ]]; then
        bad=$((bad + 1))
        failures+=("$name: $odd"$'\n'"$(grep -vE '^\s*(at |$)|^(VSTest|Copyright|Starting test|A total of)' "$results/$name.log" | head -n 8 || true)"$'\n'"Log: $results/$name.log")
    fi
    passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + left_out))
    printf '[%6s s] %-28s %s passed, %s failed%s\n' "$(elapsed)" "$name" "$ok" "$bad" "$( ((!left_out)) || echo ", $left_out skipped")"
}

# report FILTER : failures, reasons of skipped tests, whether there is a cluster, and the closing line.
report() {
    local reason
    if ((${#failures[@]})); then
        say "" "Failed:"
        for reason in "${failures[@]}"; do sed '1s/^/  /; 2,$s/^/      /' <<<"$reason"; done
    fi
    if ((${#skip_reasons[@]})); then
        say "" "Skipped: $skipped"
        for reason in "${!skip_reasons[@]}"; do printf '  %s x %s\n' "${skip_reasons[$reason]}" "$reason"; done | sort
    fi
    say "cluster: $cluster_line"
    if [[ -n $1 ]] && ((passed + failed + skipped == 0)); then fail 2 "no test matches '$1'. ./test --help shows how filters are written."; fi
    # Alone on the last line, in this form: continuous integration reads it.
    printf '%s passed, %s failed\n' "$passed" "$failed"
    ((failed == 0))
}
