# Set before this: n, the nonce of all answers; r, the root, canonical, empty for /.
# Where a builtin does, no program is started: to start one costs a node more than all the rest of a line.
LC_ALL=C
export LC_ALL
for d in /usr/local/sbin /usr/sbin /sbin /usr/local/bin /usr/bin /bin /snap/bin; do
	case :$PATH: in *:$d:*) ;; *) PATH=$PATH:$d ;; esac
done
export PATH
umask 022
nl='
'

# frame WORDS TEXT: one answer, its text framed by its length in bytes, which is what shells count in this locale.
frame() { printf '@%s %s %d\n%s\n' "$n" "$1" "${#2}" "$2"; }

# limited SECONDS COMMAND...: ends the command after that time where the system can.
limited() {
	s=$1
	shift
	if command -v timeout >/dev/null 2>&1; then timeout "$s" "$@" </dev/null; else "$@" </dev/null; fi
}

# within_time SECONDS COMMAND...: the same in place of this shell, which is that of a substitution: a process less.
within_time() {
	s=$1
	shift
	if command -v timeout >/dev/null 2>&1; then exec timeout "$s" "$@" </dev/null; else exec "$@" </dev/null; fi
}

# below PATH: whether what the path, which begins with the root, leads to lies below it. Without links it does.
below() {
	[ -n "$r" ] || return 0
	h=${1#"$r"/}/
	g=$r
	while [ -n "$h" ]; do
		g=$g/${h%%/*}
		h=${h#*/}
		if [ -L "$g" ] || [ "${g##*/}" = .. ]; then
			case $(readlink -f "$1") in "$r"/*) return 0 ;; esac
			return 1
		fi
	done
}

# scan NAME...: in $found, a line NAME PID for each process of these names that is the node's own; containers have a
# number space of their own. The kernel's threads have no program, and are many.
scan() {
	found=''
	for d in /proc/[0-9]*; do
		[ -e "$d/exe" ] && IFS= read -r x <"$d/comm" || continue
		for k in "$@"; do
			if [ "$x" = "$k" ] && is_ours "$d"; then found="$found$k ${d#/proc/}$nl"; fi
		done
	done 2>/dev/null
}

is_ours() { [ ! -e /proc/self/ns/pid ] || [ "$1/ns/pid" -ef /proc/self/ns/pid ]; }

# owner PID: in $u, the number of the user that a process runs as, as root sees it.
owner() {
	u=''
	while read -r k v x; do
		if [ "$k" = Uid: ]; then
			u=$v
			break
		fi
	done 2>/dev/null <"/proc/$1/status"
}
