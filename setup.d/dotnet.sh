# shellcheck shell=bash
# The .NET SDK: where it is, whether global.json accepts it.

# Sets: dotnet (its command), dotnet_root (its folder), sdk (the version that this tree uses). Exit code 3 where there is none.
find_dotnet() {
    local candidate
    dotnet=''
    for candidate in "$(type -P dotnet || true)" ${DOTNET_ROOT:+"$DOTNET_ROOT/dotnet"} "$HOME/.dotnet/dotnet" /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet; do
        if [[ -n $candidate && -x $candidate ]]; then
            dotnet=$candidate
            break
        fi
    done
    [[ -n $dotnet ]] || fail 3 "the .NET 10 SDK is missing; nothing can be built without it." "${how_to_get_dotnet[@]}"
    dotnet_root=$(dirname -- "$(readlink -f -- "$dotnet")")
    # A wrapper script (a version manager's) is no installation: ask it.
    if [[ ! -d $dotnet_root/sdk ]]; then
        dotnet_root=$("$dotnet" --list-sdks 2>/dev/null | sed -n 's/.*\[\(.*\)\/sdk\]$/\1/p' | tail -n 1) || true
    fi
    # The SDK stops where there is no ICU library, as on a minimal system; nothing here needs one.
    export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
    if ! sdk=$(cd "$root" && "$dotnet" --version 2>"$logs/dotnet.log"); then
        if ! grep -qiE 'compatible .*SDK|SDK .*not found|global.json' "$logs/dotnet.log"; then
            fail 3 "the .NET SDK in $dotnet_root does not start: $(head -n 3 "$logs/dotnet.log" | paste -sd' ')" "The whole message: $logs/dotnet.log"
        fi
        fail 3 "no installed .NET SDK is new enough: global.json asks for $(sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' "$root/global.json") or later." \
            "Installed: $("$dotnet" --list-sdks 2>/dev/null | sed 's/ .*//' | paste -sd' ' || true)" "${how_to_get_dotnet[@]}"
    fi
    export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
}

# NuGet speaks HTTPS through OpenSSL, which an unpacked SDK does not bring; without it the SDK ends in the middle of a restore. The package
# `openssl` brings the library under one name on every Debian and Ubuntu.
find_openssl() {
    local file wanted=()
    for file in {,/usr}/lib/*-linux-gnu/libssl.so.[13]* {,/usr}/lib{,64}/libssl.so.[13]*; do
        if [[ -s $file ]]; then break; fi
    done
    if [[ ! -s $file ]]; then wanted+=(openssl); fi
    if [[ -z ${SSL_CERT_FILE-}${SSL_CERT_DIR-} && -z $(find -L /etc/ssl/certs /etc/pki/tls/certs -type f -print -quit 2>/dev/null) ]]; then wanted+=(ca-certificates); fi
    ((${#wanted[@]})) || return 0
    can_install || fail 3 "the .NET SDK cannot reach package feeds without ${wanted[*]}; not installed, because $no_install_why." \
        "Debian, Ubuntu: $(install_command "${wanted[@]}")" "Elsewhere: OpenSSL 3 (or 1.1) and the certificates of the usual authorities. Then run ./setup again."
    progress "installing ${wanted[*]}, for the SDK to reach package feeds ..."
    apt_install "${wanted[@]}" >"$logs/openssl.log" 2>&1 </dev/null 9>&- ||
        { explain_failure "$logs/openssl.log" "installing ${wanted[*]}" "$?"; exit 3; }
}

how_to_get_dotnet=(
    "Ubuntu 24.04 and later: sudo apt-get install dotnet-sdk-10.0"
    "Debian 12: add Microsoft's packages, then the same command: https://learn.microsoft.com/dotnet/core/install/linux-debian"
    "Any Linux, without root: the install script of https://dotnet.microsoft.com/download/dotnet/10.0, with --channel 10.0"
    "Then run ./setup again. A machine that only runs a bundle needs none: ./setup --bundle FILE where there is one."
)
