#!/bin/sh
# Sends one mail with swaks, as a manager's mail program would: the client stands
# in the To field, the BCC address only in the envelope (RCPT TO).
#
#   make swaks                                   to the demo of `make run`
#   make swaks BCC=anna-k3v9x2qdfh@bcc.example.com FROM=anna@example.com
#
# PORT is 2525 and TO a client nobody knows, unless set.
set -eu

PORT=${PORT:-2525}
TO=${TO:-'"Nora Newman" <nora@newclient.example>'}
BIN=${BIN:-bin/blindcopy}

if ! command -v swaks > /dev/null; then
	echo 'swaks is missing. Debian, Ubuntu: apt-get install swaks. Fedora: dnf install swaks. macOS: brew install swaks.' >&2
	exit 1
fi

# first prints the first text of a key in JSON on standard input.
first() {
	grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | sed 's/.*"\([^"]*\)"$/\1/'
}

if [ -z "${BCC:-}" ]; then
	if [ -f .run/blindcopy.yaml ]; then
		users=$("$BIN" --config .run/blindcopy.yaml --json user list)
	elif [ -f .run/blindcopy.db ]; then
		users=$("$BIN" --database .run/blindcopy.db --json user list)
	else
		echo 'No demo is here: start it with `make run` in another terminal, or name an address: make swaks BCC=address FROM=you@example.com' >&2
		exit 1
	fi
	BCC=$(printf '%s' "$users" | first bcc_address)
	FROM=${FROM:-$(printf '%s' "$users" | first email)}
fi
if [ -z "${FROM:-}" ]; then
	echo 'Say who writes: make swaks BCC=address FROM=you@example.com (the address of a user)' >&2
	exit 1
fi

swaks --server "127.0.0.1:$PORT" --from "$FROM" --to "$BCC" \
	--h-From "$FROM" --h-To "$TO" --h-Subject 'Our offer' \
	--body 'Hello, here is the offer we spoke about.'
