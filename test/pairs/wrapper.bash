#!/bin/bash
# Serve a model the way shell wrappers around podman do: see that the image is here
# and the name is free, run, ask the health endpoint until it answers, print the
# URL. Nothing is proved.
#
# usage: wrapper.bash NAME IMAGE HEALTH-URL COMMAND...
set -euo pipefail
name=$1 image=$2 health=$3
shift 3

command -v podman >/dev/null || { echo "there is no podman here" >&2; exit 1; }
podman image inspect --format '{{.Id}}' "$image" >/dev/null 2>&1 || podman pull "$image"
if podman container exists "$name"; then
	echo "$name runs already" >&2
	exit 1
fi
"$@" >/dev/null
for _ in $(seq 600); do
	if curl -fsS -o /dev/null --max-time 2 "$health" 2>/dev/null; then
		echo "$health"
		exit 0
	fi
	sleep 0.05
done
podman logs "$name" >&2
exit 1
