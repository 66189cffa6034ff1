#!/usr/bin/env bash
# Writes the locks: every package that is installed, at one version pinned to its hashes, for every platform and Python that Coterie supports.
# One version for all Pythons (--fork-strategy fewest), so that what is type-checked and tested is the same everywhere.
# They are plain requirements files, so that pip alone can install them (docs/decisions/0009-pip-and-hashed-locks.md).
# Give it the path of uv; further arguments (such as --upgrade) are passed on to it.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${1:-uv}
shift || true

compile() {
  "$uv" pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 \
    --generate-hashes --no-header --no-annotate "$@"
}

compile pyproject.toml --output-file requirements/runtime.lock "$@"
compile pyproject.toml --group dev --constraint requirements/runtime.lock --output-file requirements/dev.lock "$@"
compile --group build --constraint requirements/dev.lock --output-file requirements/build.lock "$@"

# `lifetimes` is installed for one data file and never imported, so its own dependencies are left out.
compile --group data --no-deps --output-file requirements/data.lock "$@"

# Clients for the tests: each with all that it needs, at versions that suit it and not us, for a folder of its own (Makefile).
for client in segment-2.3.4 segment-2.4.0 rudder-2.1.9; do
  compile --group "client-$client" --output-file "requirements/clients/$client.lock" "$@"
done
