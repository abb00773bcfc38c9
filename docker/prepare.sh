#!/bin/sh
# Make the files of the folder site/ that `docker compose --env-file site/gateway.env up` needs: the password of the
# Gateway, the keys of the bridge and of the example subscriber, the console's token, and the two configuration files.
# It overwrites nothing.
set -eu
cd "$(dirname "$0")/.."
umask 077
mkdir -p site/config
chmod 755 site/config
# Where an earlier version of this script has put it.
[ ! -e site/bridge.toml ] || [ -e site/config/bridge.toml ] || mv site/bridge.toml site/config/

# A lost half of a pair cannot be made again, and a new pair is another client.
for name in bridge example; do
    for half in secret public; do
        case $half in secret) other=public ;; *) other=secret ;; esac
        if [ -e "site/$name.$other" ] && [ ! -e "site/$name.$half" ]; then
            echo "site/$name.$half is missing, but site/$name.$other is there. Put it back. Or delete site/$name.$other" \
                "too: then this script makes a new pair, whose public key replaces the old one wherever that is written" >&2
            exit 1
        fi
    done
done

# Inside the containers the bridge has the uid 10001, and the Gateway 1000. A secret must belong to the one that reads it.
image=tws-bridge:0.1.0
in_image() { docker run --rm --network none --user 0 --volume "$PWD/site:/site" "$@"; }

docker compose build --quiet bridge

if [ ! -e site/tws_password ]; then
    if [ -t 0 ]; then
        printf 'The password of the Gateway (it is not shown): '
        trap 'stty echo' EXIT INT TERM
        stty -echo
    fi
    IFS= read -r password || true
    password=${password%"$(printf '\r')"}  # of a line that Windows has ended
    if [ -t 0 ]; then
        stty echo
        trap - EXIT INT TERM
        printf '\n'
    fi
    [ -n "$password" ] || { echo "no password: nothing is written" >&2; exit 1; }
    printf '%s' "$password" > site/tws_password
fi

for name in bridge example; do
    [ -e "site/$name.secret" ] || in_image "$image" keys new "$name" --folder /site > /dev/null
done
# The console's token. The user reads it with: docker compose exec gateway-bridge cat /run/secrets/console_token
[ -s site/console_token ] || od -An -N24 -tx1 /dev/urandom | tr -d ' \n' > site/console_token
in_image --entrypoint sh "$image" -c \
    'chown 1000 /site/tws_password && chown 10001 /site/*.secret /site/console_token && chmod 400 /site/tws_password /site/console_token /site/*.secret && chmod 644 /site/*.public'

if [ ! -e site/config/bridge.toml ]; then
    public=$(sed -n 's/^public = //p' site/example.public)
    { cat docker/bridge.toml; printf '\n[clients.example]\npublic_key = %s\nroles = ["observe"]\n' "$public"; } > site/config/bridge.toml
    chmod 644 site/config/bridge.toml
fi
[ -e site/gateway.env ] || cp docker/gateway.env site/gateway.env
echo "site/ is ready. Write your user name into site/gateway.env, then: docker compose --env-file site/gateway.env up -d"
