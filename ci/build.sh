#!/bin/sh
# Builds an image in CI, from the versions in a committed lock.
#
#   build.sh RECIPE LOCK OUTPUT-DIRECTORY [OPTION-OF-PARTICLE-RUN...]
#
# LOCK is a manifest of the recipe that is in version control. The build takes the packages that it names; without it, the
# build takes today's, and the new manifest can be committed. CHANGES.md in the output directory says what the recipe
# changes compared with the lock; in a GitHub job it is in the job's summary, too. With --check as an option, everything is
# built twice and compared.
set -eu

if [ "$#" -lt 3 ]; then
  sed -n 's/^# \{0,1\}//p' "$0" | sed -n 4p >&2
  exit 2
fi
recipe=$1 lock=$2 out=$3
shift 3

# Links in the project could lead what is written here to files outside of it.
for place in "$out" "$out/manifest.json" "$out/CHANGES.md" "$lock"; do
  if [ -L "$place" ]; then
    echo "error: '$place' is a symbolic link: remove it" >&2
    exit 2
  fi
done
mkdir -p "$out"
if [ -e "$lock" ]; then
  particle-compile "$recipe" --lock "$lock" -o "$out/manifest.json"
  # Status 1 says that something changed, which is what this is for.
  particle diff "$lock" "$out/manifest.json" --markdown >"$out/CHANGES.md" || [ "$?" -eq 1 ]
else
  particle-compile "$recipe" -o "$out/manifest.json"
  echo "No lock yet: commit manifest.json as $lock." >"$out/CHANGES.md"
fi
if [ -n "${GITHUB_STEP_SUMMARY-}" ]; then
  cat "$out/CHANGES.md" >>"$GITHUB_STEP_SUMMARY"
fi

particle-run "$out/manifest.json" -o "$out" "$@"
