#!/usr/bin/env bash
# Installs the other libraries and makes the inputs, both below ~/.cache/pullback-peers, and builds our benches.
# PYTHON is the interpreter, 3.12 for the versions in requirements.txt. torch.compile wants a C++ compiler.
set -eu
cd "$(dirname "$0")"
cache=$HOME/.cache/pullback-peers
export PEERS_TARGET=${PEERS_TARGET:-$cache/target} PEERS_VENV=${PEERS_VENV:-$cache/venv} PEERS_DATA=${PEERS_DATA:-$cache/data}
[ -x "$PEERS_VENV/bin/python" ] || "${PYTHON:-python3}" -m venv "$PEERS_VENV"
"$PEERS_VENV/bin/pip" install -q -r requirements.txt
[ -f "$PEERS_DATA/w9/ref_out_b16.f32" ] || "$PEERS_VENV/bin/python" gen_data.py
# As a program is built that says nothing about its profile.
mkdir -p "$PEERS_TARGET/pullback"
for bench in workloads inference; do
  built=$(cargo bench --no-run --bench "$bench" --message-format=json | python3 -c '
import json, sys
for line in sys.stdin:
    message = json.loads(line) if line.startswith("{") else {}
    if message.get("executable") and message["target"]["name"] == sys.argv[1]: print(message["executable"])' "$bench")
  cp "$built" "$PEERS_TARGET/pullback/$bench"
done
