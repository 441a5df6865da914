# get_file INDEX PATH
get_file() {
	p=$r$2
	if [ ! -e "$p" ] && [ ! -L "$p" ]; then
		frame "$1 absent" ''
	elif ! below "$p"; then
		frame "$1 unusable" 'is a link that leads out of the root'
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

# get_unit INDEX UNIT: the properties that matter, and the arguments of the main process.
get_unit() {
	if ! command -v systemctl >/dev/null 2>&1; then
		frame "$1 absent" ''
		return
	fi
	o=$(limited 20 systemctl show -p LoadState -p ActiveState -p KillMode -p MainPID -p FragmentPath -p DropInPaths -p EnvironmentFiles -p ExecStart "$2" 2>/dev/null)
	case $o in
	*LoadState=loaded*) ;;
	*)
		frame "$1 absent" ''
		return
		;;
	esac
	p=$(printf '%s\n' "$o" | sed -n 's/^MainPID=//p')
	a=''
	if [ "${p:-0}" -gt 0 ] && [ -r "/proc/$p/cmdline" ]; then
		a=$(tr '\n\000' ' \n' <"/proc/$p/cmdline" | sed 's/^/Arg=/')
	fi
	frame "$1 text" "$o
$a"
}

# look_back: whether a change was cut off here, and how the last one ended.
look_back() {
	b=$r/var/lib/regconf
	if [ -d "$b/change" ] || [ -d "$b/ended" ]; then frame left ''; fi
	if [ -r "$b/last" ]; then frame last "$(cat "$b/last")"; fi
}
