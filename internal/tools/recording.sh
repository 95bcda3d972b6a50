#!/bin/sh
# Records the demo and draws it as an animated picture: recording.sh terraform demo picture
# "make recording" runs it. It needs asciinema 2 and npx.
set -eu
terraform=$1 demo=$2 picture=$3
renderer=svg-term-cli@2.1.1

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# A pause of the demo becomes two seconds at most.
asciinema rec --quiet --cols 100 --rows 30 --idle-time-limit 2 --command "$demo -terraform '$terraform'" "$folder/whole.cast"

# The picture begins when the first plan is complete, so that its first frame already shows something: all events up to
# then become one, at second 1. Two events at the end keep the last frame in view.
sed -n '
  1 {
    p
    d
  }
  2,/The plan took/ {
    H
    /The plan took/ {
      g
      s/^\n//
      s/"\]\n\[[^"]*"o", "//g
      s/^\[[^,]*/[1/
      p
    }
    d
  }
  p
  $a\
[1000, "o", ""]\
[2000, "o", ""]
' "$folder/whole.cast" >"$folder/demo.cast"

npx --yes "$renderer" --in "$folder/demo.cast" --out "$folder/demo.svg" --from 1000 --window --no-cursor

# A picture that names a folder of this machine is not for others.
for private in "$HOME" "$PWD" "${TMPDIR:-/tmp}/"; do
  if grep -qF "$private" "$folder/demo.svg"; then
    echo "The picture names $private." >&2
    exit 1
  fi
done
cp "$folder/demo.svg" "$picture"
