#!/bin/bash
# result.sh DIR LANE: passes if the lane did, else shows the end of its log.
set -u
result=$(cat "$1/$2.result" 2> /dev/null) || { echo "lane $2 left no result in $1: it did not run" >&2; exit 1; }
[ "$result" = passed ] && exit 0
echo "lane $2: $result; the end of $1/$2.log:" >&2
tail -n 60 "$1/$2.log" >&2
exit 1
