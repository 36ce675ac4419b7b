# shellcheck shell=bash
# Messages, timing, and steps that run with a log of their own. Sourced; needs $root, and $quiet (1: say little).

quiet=${quiet:-0}
logs=$root/.setup/logs
started=${EPOCHREALTIME/[.,]/}

# Seconds since the script began, one decimal.
elapsed() {
    local tenths=$(((${EPOCHREALTIME/[.,]/} - started) / 100000))
    printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

say() { printf '%s\n' "$*"; }

# A line of progress with the seconds so far; left out when quiet.
progress() { ((quiet)) || printf '[%6s s] %s\n' "$(elapsed)" "$*"; }

# fail CODE MESSAGE... : one paragraph a message, on stderr. Codes: 1 the work failed, 2 bad usage, 3 a component is missing.
fail() {
    local code=$1
    shift
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    shift
    (($# == 0)) || printf '  %s\n' "$@" >&2
    exit "$code"
}

# The lines of a log that say why: errors where it has such, otherwise its end.
relevant_lines() {
    local log=$1 found
    found=$(grep -E '(: |^)(fatal )?[Ee]rror|^E: |undefined reference|Unhandled exception' "$log" | sed 's/^[[:space:]]*//' | awk '!seen[$0]++' | head -n 15) || true
    if [[ -n $found ]]; then printf '%s\n' "$found"; else tail -n 15 "$log"; fi
}

# explain_failure LOG WHAT CODE : what went wrong, from the log, with the log's path.
explain_failure() {
    local log=$1 what=$2 code=$3
    {
        printf '%s: %s failed (exit code %s)\n' "${0##*/}" "$what" "$code"
        relevant_lines "$log" | sed 's/^/    /'
        if grep -qiE 'No space left on device|disk full|ENOSPC' "$log" 2>/dev/null; then say_disk_full; fi
        printf '  The whole log: %s\n' "$log"
    } >&2
}

say_disk_full() {
    printf '  The disk is full: free some space on %s, then run the same command again.\n' "$(filesystem_of "$root")" >&2
    said_disk_full=1
}

# Where a command ended this script because there was no room for its notes.
on_exit() {
    local status=$?
    if ((status == 1 && !${said_disk_full:-0})) && (($(df -Pk "$root" | awk 'NR == 2 { print $4 }') < 1024)); then
        printf '%s: stopped.\n' "${0##*/}" >&2
        say_disk_full
    fi
    exit "$status"
}

filesystem_of() { df -P "$1" | awk 'NR == 2 { printf "%s (%d MiB free)", $6, $4 / 1024 }'; }

# reassure WHAT STATE... : shows how a long step gets on, with the last line that the command STATE prints. On a terminal one line that
# refreshes itself every second, elsewhere a line every 20 seconds; in both cases only once it has taken a while.
reassure() {
    local what=$1 parent=$$ waited=0 line
    shift
    while sleep 1 >/dev/null 2>&1 && kill -0 "$parent" 2>/dev/null; do
        waited=$((waited + 1))
        if ((waited < 2)) || { [[ ! -t 1 ]] && ((waited % 20)); }; then continue; fi
        line=$({ "$@" | tail -n 1; } 2>/dev/null) || line=''
        line=$(printf '[%6s s] %s%s' "$(elapsed)" "$what" "${line:+: $line}")
        if [[ -t 1 ]]; then printf '\r\033[K%s' "${line:0:$(columns)}"; else printf '%s\n' "$line"; fi
    done
}

# One less than the terminal's width: a full line would wrap and could not be refreshed.
columns() {
    local size
    size=$(stty size 2>/dev/null </dev/tty) || size=''
    size=${size##* }
    echo $((${size:-80} > 20 ? ${size:-80} - 1 : 79))
}

start_reassuring() {
    reassure "$@" 9>&- &
    reassurer=$!
}

stop_reassuring() {
    [[ -n $reassurer ]] || return 0
    # Bash tells of a child that a signal ended as soon as it notices, which may be before the wait.
    {
        kill "$reassurer" || true
        wait "$reassurer" || true
    } 2>/dev/null
    reassurer=
    if [[ -t 1 ]]; then printf '\r\033[K'; fi
}

child=
reassurer=

# Ends what this script started; a half-done step is made anew by the next run.
stop_children() {
    local pid
    for pid in $child $reassurer; do kill -TERM "$pid" 2>/dev/null || true; done
}
on_interrupt() {
    trap - INT TERM
    stop_children
    printf '\n%s: interrupted; the next run goes on from here.\n' "${0##*/}" >&2
    exit 130
}

# run_logged LOG COMMAND... : the command's status. It dies with this script (a killed setup leaves no compiler behind that the next
# one would meet), does not hold the lock (descriptor 9), and is not reached by a terminal's Ctrl-C before this script is.
run_logged() {
    local log=$1 status=0
    shift
    setpriv --pdeathsig KILL -- "$@" >"$log" 2>&1 </dev/null 9>&- &
    child=$!
    # Bash's own line about a child that a signal ended says less than the log.
    wait "$child" 2>/dev/null || status=$?
    child=
    return "$status"
}

# step NAME DESCRIPTION EXPECTED COMMAND... : runs it with .setup/logs/NAME.log, says how long it may take (EXPECTED), how it gets on
# (what the function state_of_NAME prints, where there is one; otherwise the log's last line), how long it took; explains a failure.
step() {
    local name=$1 what=$2 expected=$3 status=0 from=${EPOCHREALTIME/[.,]/} state=(cat "$logs/$1.log")
    shift 3
    if declare -F "state_of_$name" >/dev/null; then state=("state_of_$name"); fi
    progress "$what ($expected; log: ${logs#"$root/"}/$name.log) ..."
    start_reassuring "$what" "${state[@]}"
    run_logged "$logs/$name.log" "$@" || status=$?
    stop_reassuring
    if ((status)); then
        explain_failure "$logs/$name.log" "$what" "$status"
    else
        progress "$what: $(((${EPOCHREALTIME/[.,]/} - from) / 1000000)) s"
    fi
    return "$status"
}
