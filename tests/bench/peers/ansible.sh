#!/bin/sh
# Runs the playbook: pipelining, ControlPersist, host keys checked.
set -eu
export ANSIBLE_PIPELINING=true ANSIBLE_HOST_KEY_CHECKING=true ANSIBLE_PYTHON_INTERPRETER=/usr/bin/python3
export ANSIBLE_SSH_ARGS="-F none -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=$BENCH_KNOWN_HOSTS"
exec ansible-playbook -f "$BENCH_PARALLEL" -i "$(paste -sd, "$BENCH_HOSTS")," -u root --private-key "$BENCH_KEY" \
	-e "ansible_port=$BENCH_PORT" "$(dirname "$0")/ansible.yml"
