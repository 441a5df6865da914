# Set before this: n, the nonce of all answers; r, the root, canonical, empty for /.
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin:/snap/bin
export PATH
umask 022

# frame WORDS TEXT: one answer, its text framed by its length.
frame() {
	printf '@%s %s %d\n%s\n' "$n" "$1" "$(printf %s "$2" | wc -c)" "$2"
}

# limited SECONDS COMMAND...: ends the command after that time where the system can.
limited() {
	s=$1
	shift
	if command -v timeout >/dev/null 2>&1; then timeout "$s" "$@" </dev/null; else "$@" </dev/null; fi
}

# below PATH: whether what the path leads to lies below the root.
below() {
	[ -z "$r" ] && return 0
	case $(readlink -f "$1") in "$r"/*) return 0 ;; esac
	return 1
}

# pids PROGRAM: the processes of that name that are the node's own; containers have a number space of their own.
pids() {
	for d in /proc/[0-9]*; do
		x=''
		{ IFS= read -r x <"$d/comm"; } 2>/dev/null
		[ "$x" = "$1" ] || continue
		[ "$(readlink "$d/ns/pid" 2>/dev/null)" = "$(readlink /proc/self/ns/pid 2>/dev/null)" ] && echo "${d#/proc/}"
	done
}

# user PID: the number of the user that a process runs as, as root sees it.
user() { sed -n 's/^Uid:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$1/status" 2>/dev/null; }
