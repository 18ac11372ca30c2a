#!/usr/bin/env bash
# Brings what the tests talk to, PostgreSQL, Chromium and LibreOffice, and prints the settings under which they are found.
# Where this may install Debian packages it does; elsewhere it names the one line to run, and fails.
set -euo pipefail

say() { echo "$*" >&2; }

need() { # need PACKAGES...: install them, or say how
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing $*"
    apt-get -qq update >&2 && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >&2
  else
    say "missing: run this once, then again:  sudo apt-get install -y $*"
    exit 1
  fi
}

answers() { # answers URL: does a PostgreSQL take us there?
  .venv/bin/python - "$1" <<'PY' 2>/dev/null
import asyncio, sys
import asyncpg
url = sys.argv[1].replace("postgresql+asyncpg://", "postgresql://")
async def go():
    connection = await asyncpg.connect(url, timeout=5)
    await connection.close()
asyncio.run(go())
PY
}

url="${XUESHI_TEST_POSTGRES_URL:-postgresql+asyncpg://postgres@127.0.0.1:5432/test}"
if ! answers "$url"; then
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need postgresql
  bin="$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)")"
  # A cluster of our own: no password, this machine only, thrown away with the temporary folder.
  data="${TMPDIR:-/tmp}/xueshi-test-postgres-$(id -u)"
  as() { if [ "$(id -u)" = 0 ]; then su postgres -s /bin/sh -c "$*"; else sh -c "$*"; fi; }
  if [ ! -f "$data/PG_VERSION" ]; then
    mkdir -p "$data"
    [ "$(id -u)" = 0 ] && chown postgres "$data"
    as "$bin/initdb -D $data -U postgres --auth=trust -E UTF8 >/dev/null" >&2
  fi
  as "$bin/pg_ctl -D $data status >/dev/null" || as "$bin/pg_ctl -D $data -w -o '-p 54329 -c fsync=off -c listen_addresses=127.0.0.1 -c unix_socket_directories=$data' -l $data/log start" >&2
  as "$bin/createdb -h 127.0.0.1 -p 54329 -U postgres test 2>/dev/null || true"
  url="postgresql+asyncpg://postgres@127.0.0.1:54329/test"
  answers "$url" || { say "PostgreSQL was started but does not answer at $url; see $data/log"; exit 1; }
fi
echo "export XUESHI_TEST_POSTGRES_URL='$url'"

packages=()
command -v chromium >/dev/null || packages+=(chromium)
command -v soffice >/dev/null || packages+=(libreoffice-calc)
fc-list 2>/dev/null | grep -qi "cjk" || packages+=(fonts-noto-cjk fontconfig)
[ ${#packages[@]} -eq 0 ] || need "${packages[@]}"
