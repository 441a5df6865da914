# get_file INDEX PATH
get_file() {
	p=$r$2
	if [ ! -e "$p" ] && [ ! -L "$p" ]; then
		frame "$1 absent" ''
	elif ! below "$p"; then
		frame "$1 unusable" 'is a link that leads out of the root'
	elif [ ! -e "$p" ]; then
		frame "$1 unusable" 'is a link to nothing: make the file that it names, or take the link away'
	elif [ ! -f "$p" ]; then
		frame "$1 unusable" 'is neither a file nor a link to one'
	elif [ ! -r "$p" ]; then
		frame "$1 unusable" 'may not be read'
	elif s=$(wc -c <"$p") && [ "$s" -gt 4194304 ]; then
		frame "$1 unusable" 'is larger than 4 MiB'
	else
		printf '@%s %s file %d\n' "$n" "$1" "$s"
		cat "$p"
		echo
	fi
}

# get_dir INDEX PATH
get_dir() {
	if [ ! -e "$r$2" ] && [ ! -L "$r$2" ]; then
		frame "$1 absent" ''
	elif ! below "$r$2"; then
		frame "$1 unusable" 'is a link that leads out of the root'
	elif [ ! -d "$r$2" ]; then
		frame "$1 unusable" 'is not a folder'
	else
		frame "$1 names" "$(ls -1ApL "$r$2" 2>/dev/null)"
	fi
}

# get_command INDEX COMMAND...
get_command() {
	i=$1
	shift
	if ! command -v "$1" >/dev/null 2>&1; then
		frame "$i absent" ''
	elif o=$(limited 20 "$@" 2>/dev/null); then
		frame "$i text" "$o"
	else
		frame "$i unusable" "ended with status $?"
	fi
}

# get_program INDEX NAME
get_program() {
	if p=$(command -v "$2" 2>/dev/null) && [ -x "$p" ]; then
		frame "$1 text" "$p"
	else
		frame "$1 absent" ''
	fi
}

# get_modified INDEX PATH: seconds since 1970.
get_modified() {
	if m=$(stat -L -c %Y "$r$2" 2>/dev/null || date -r "$r$2" +%s 2>/dev/null); then
		frame "$1 text" "$m"
	else
		frame "$1 absent" ''
	fi
}

# arguments PID: one a line.
arguments() { tr '\n\000' ' \n' <"/proc/$1/cmdline" 2>/dev/null | sed 's/^/Arg=/'; }

# get_unit INDEX UNIT: the properties that matter, and the arguments of the main process.
get_unit() {
	o=''
	if command -v systemctl >/dev/null 2>&1; then
		o=$(limited 20 systemctl show -p LoadState -p ActiveState -p CanReload -p KillMode -p MainPID -p FragmentPath -p DropInPaths -p EnvironmentFiles -p ExecStart "$2" 2>/dev/null)
	fi
	case $o in
	*LoadState=loaded*)
		p=$(printf '%s\n' "$o" | sed -n 's/^MainPID=//p')
		a=''
		[ "${p:-0}" -gt 0 ] && a=$(arguments "$p")
		frame "$1 text" "$o
$a"
		;;
	*)
		if [ ! -d "$r/run/systemd/system" ] && [ -x "$r/etc/init.d/$2" ]; then
			frame "$1 text" "$(script_unit "$2")"
		else
			frame "$1 absent" ''
		fi
		;;
	esac
}

# script_unit NAME: a service of OpenRC or of System V in the words of systemd. Both end the daemon alone and leave
# containers, unless OpenRC is told to end all that the service ever started.
script_unit() {
	k=process
	if command -v rc-service >/dev/null 2>&1; then
		echo Manager=openrc
		f=/etc/conf.d/$1
		limited 20 rc-service "$1" status >/dev/null 2>&1 && echo ActiveState=active
		grep -Eqi '^[[:space:]]*rc_cgroup_cleanup="?(yes|true|on|1)' "$r/etc/rc.conf" "$r$f" 2>/dev/null && k=control-group
	else
		echo Manager=sysv
		f=/etc/default/$1
		limited 20 "$r/etc/init.d/$1" status >/dev/null 2>&1 && echo ActiveState=active
	fi
	printf '%s\n' "KillMode=$k" "FragmentPath=/etc/init.d/$1"
	if [ -f "$r$f" ]; then echo "EnvironmentFiles=$f"; fi
}

# get_daemon INDEX PROGRAM
get_daemon() {
	a=''
	for p in $(pids "$2"); do
		a="$a$(daemon "$p" "$2")

"
	done
	if [ -n "$a" ]; then frame "$1 text" "$a"; else frame "$1 absent" ''; fi
}

# daemon PID PROGRAM: what a process is. When it started is told in ticks since boot: some shells count to 2^31 only.
daemon() {
	s=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
	e=$(readlink "/proc/$1/exe" 2>/dev/null)
	printf '%s\n' "Pid=$1" "Uid=$(user "$1")" "Exe=$e" "Now=$(date +%s)"
	sed -n 's/^btime /Boot=/p' /proc/stat
	echo "Hertz=$(getconf CLK_TCK 2>/dev/null || echo 100)"
	sed -n 's|.*/\([^/]*\)\.service.*|Service=\1|p' "/proc/$1/cgroup" 2>/dev/null | sed 1q
	program_version "${e% (deleted)}" "$2"
	arguments "$1"
	# The name before it may hold blanks.
	# shellcheck disable=SC2086
	set -- ${s##*) }
	printf '%s\n' "Parent=$2" "Ticks=${20}"
}

# program_version FILE NAME: what a program that is not the one in PATH says of itself.
program_version() {
	w=$(command -v "$2" 2>/dev/null)
	if [ -x "$1" ] && [ "$(readlink -f "$1")" != "$(readlink -f "${w:-/}")" ]; then
		echo "Version=$(limited 20 "$1" --version 2>/dev/null | sed 1q)"
	fi
}

# look_back: whether a change was cut off here, and how the last one ended.
look_back() {
	b=$r/var/lib/regconf
	if [ -d "$b/change" ] || [ -d "$b/ended" ]; then frame left ''; fi
	if [ -r "$b/last" ]; then frame last "$(cat "$b/last")"; fi
}
