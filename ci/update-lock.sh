#!/bin/sh
# Updates a lock to the packages that the archive has today, and says what changed, in Markdown.
#
#   update-lock.sh RECIPE LOCK
#
# A scheduled job runs this and opens a change with the new lock, of which the output is the description. The lock is
# written only when something changed.
set -eu

if [ "$#" -ne 2 ]; then
  sed -n 's/^# \{0,1\}//p' "$0" | sed -n 4p >&2
  exit 2
fi
recipe=$1 lock=$2
if [ -L "$lock" ]; then
  echo "error: '$lock' is a symbolic link: remove it" >&2
  exit 2
fi

new=$(mktemp)
trap 'rm -f "$new"' EXIT
particle-compile "$recipe" >"$new"
status=0
particle diff "$lock" "$new" --markdown || status=$?
case $status in
  0) ;;
  1) cat "$new" >"$lock" ;;
  *) exit "$status" ;;
esac
