#!/bin/bash
# A loop of OpenSSH's own client: a master connection for each node, and two commands on it. BENCH_MERGE is a program that
# merges its input, and says by status 3 that there is nothing to do.
set -eu

push() {
	local host=$1 config=/etc/docker/daemon.json after
	local ssh=(ssh -F none -p "$BENCH_PORT" -i "$BENCH_KEY" -o "UserKnownHostsFile=$BENCH_KNOWN_HOSTS" -o BatchMode=yes
		-o ControlMaster=auto -o "ControlPath=$HOME/%h" -o ControlPersist=60s "root@$host")
	local status=0
	after=$("${ssh[@]}" "cat $config" | "$BENCH_MERGE" merge) || status=$?
	if [ $status -eq 0 ]; then
		"${ssh[@]}" "cat >$config.new && cp -p $config $config.bak && mv $config.new $config && systemctl reload docker" <<<"$after"
	fi
	"${ssh[@]}" -O exit 2>/dev/null
	[ $status -eq 0 ] || [ $status -eq 3 ]
}

export -f push
xargs -P "$BENCH_PARALLEL" -I {} bash -c 'set -o pipefail; push {}' <"$BENCH_HOSTS"
