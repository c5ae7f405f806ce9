#!/usr/bin/env bash
# A management program at work with Lanterna, with curl: a token, a debt, a notice at the counter, a file, outcomes.
#
#   LANTERNA_URL=https://pagamenti.example.it LANTERNA_CLIENT_ID=... LANTERNA_CLIENT_SECRET=... program.sh SERVICE [FILE]
#
# It is meant to be read: copy what you need.
set -euo pipefail

api=${LANTERNA_URL%/}/api/v1
service=${1:?the code of a service}
file=${2:-}

# A field of a JSON answer, without any other program.
field() { sed -n "s/.*\"$1\":\"\\{0,1\\}\\([^\",}]*\\).*/\\1/p" | head -n 1; }

# 1. The secret for a token, which lasts fifteen minutes.
token=$(curl --silent --show-error --fail-with-body --user "$LANTERNA_CLIENT_ID:$LANTERNA_CLIENT_SECRET" \
  --data grant_type=client_credentials "$api/token" | field access_token)

call() { # METHOD PATH [curl's arguments…]
  curl --silent --show-error --fail-with-body --request "$1" --header "Authorization: Bearer $token" \
    --header 'Accept-Language: it' "${@:3}" "$api$2"
  echo
}

# 2. A debt under a key of your own. The same again changes nothing.
key=example-$$-$(date +%s)
call PUT "/positions/$key" --json '{
  "key": "'"$key"'",
  "service": "'"$service"'",
  "debtor": {"kind": "natural", "code": "RSSMRA85T10A562S", "full_name": "Mario Rossi"},
  "description": "An example",
  "options": [{"kind": "whole", "instalments": [{"amount": 12050, "due_on": "2027-01-31"}]}]
}'

# 3. A notice while the citizen waits: its number, the text of its QR code, the address of its PDF.
call POST /counter/notices --header "Idempotency-Key: $key" --json '{
  "service": "'"$service"'",
  "debtor": {"kind": "natural", "code": "RSSMRA85T10A562S", "full_name": "Mario Rossi"},
  "amount": 2500
}'

# 4. A file of debts: sent, followed until every row is dealt with, and what became of each.
if [ -n "$file" ]; then
  loaded=$(call POST "/imports?file_name=$(basename "$file")" \
    --header 'Content-Type: application/octet-stream' --data-binary "@$file")
  id=$(field id <<<"$loaded")
  until [[ $(field state <<<"$loaded") =~ ^(done|cancelled|failed)$ ]]; do
    if [ "$(field state <<<"$loaded")" = checked ]; then call POST "/imports/$id/apply" >/dev/null; fi
    sleep 1
    loaded=$(call GET "/imports/$id")
  done
  call GET "/imports/$id/outcome"
fi

# 5. What became of your debts: taken, dealt with, then acknowledged.
page=$(call GET '/outcomes?limit=100')
echo "$page"
call POST /outcomes/acknowledge --json '{"up_to": '"$(field last <<<"$page")"'}'
