#!/usr/bin/env bash
# Manages tokens with GitHub's command line, which always speaks https: TLS_PORT and SERVER_PORT say where its proxy listens
# and where the server does, TOKEN and ORG the rest, PYTHON runs the proxy.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
work=$(mktemp -d)
proxy=
trap '[ -z "$proxy" ] || kill "$proxy"; rm -rf "$work"' EXIT

fail() { printf '%s\n' "$*" >&2; exit 1; }

# An authority of the test's own, and a certificate of it for the proxy.
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj '/CN=Test authority' \
  -keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$work/key.pem" -out "$work/request.pem" 2>/dev/null
openssl x509 -req -in "$work/request.pem" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 1 \
  -extfile <(printf 'subjectAltName=DNS:localhost,IP:127.0.0.1') -out "$work/certificate.pem" 2>/dev/null

"$PYTHON" "$here/tls_proxy.py" "$TLS_PORT" "$SERVER_PORT" "$work/certificate.pem" "$work/key.pem" >"$work/proxy.log" &
proxy=$!
for _ in $(seq 100); do grep -q listening "$work/proxy.log" && break; sleep 0.1; done

export SSL_CERT_FILE=$work/ca.pem GH_HOST=localhost:$TLS_PORT GH_ENTERPRISE_TOKEN=$TOKEN GH_CONFIG_DIR=$work/gh NO_COLOR=1
queue=orgs/$ORG/personal-access-token-requests
tokens=orgs/$ORG/personal-access-tokens

[ "$(gh api user --jq .login)" = olga ] || fail 'the token is not known'
mapfile -t waiting < <(gh api "$queue?per_page=1&direction=asc" --paginate --jq '.[].id')
[ "${#waiting[@]}" = 4 ] || fail 'four requests wait'
gh api -X POST "$queue/${waiting[0]}" -f action=approve --silent
gh api -X POST "$queue/${waiting[1]}" -f action=deny -f reason='by gh' --silent
printf '{"action":"deny","pat_request_ids":[%s,%s]}' "${waiting[2]}" "${waiting[3]}" >"$work/both.json"
gh api -X POST "$queue" --input "$work/both.json" --silent
if gh api -X POST "$queue" --input "$work/both.json" --silent 2>/dev/null; then fail 'what was decided is not decided again'; fi
grant=$(gh api "$tokens?owner[]=ana" --jq '.[].id')
[ "$(gh api "$tokens/$grant/repositories" --jq '.[].full_name')" = "$ORG/web" ] || fail 'one names web'
gh api -X POST "$tokens/$grant" -f action=revoke --silent
[ -z "$(gh api "$tokens?owner[]=ana" --jq '.[].id')" ] || fail 'it was revoked'
