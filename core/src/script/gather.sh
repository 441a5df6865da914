# Answers are collected and told together: each write is a packet of its own, and wakes everybody on the way.
# What is collected is copied each time, so there is a short part at its end, to which more is added.
out='' part=''
frame() {
	part="$part@$n $1 ${#2}$nl$2$nl"
	[ ${#part} -ge 256 ] || return 0
	out=$out$part
	part=''
	[ ${#out} -lt 16384 ] || tell_all
}
tell_all() {
	printf %s "$out$part"
	out='' part=''
}

# get_file INDEX PATH: where it ends is told by a mark behind it.
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
	else
		part="$part@$n $1 file *$nl"
		tell_all
		if head -c 4194305 "$p"; then s=whole; else s=cut; fi
		part="$nl@$n $s$nl"
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
		names "$r$2"
		frame "$1 names" "$l"
	fi
}

# names FOLDER: in $l, one a line, those of folders with / behind.
names() {
	l=''
	for f in "$1"/* "$1"/.[!.]* "$1"/..?*; do
		if [ -d "$f" ]; then
			l="$l${f##*/}/$nl"
		elif [ -e "$f" ] || [ -L "$f" ]; then
			l="$l${f##*/}$nl"
		fi
	done
}

# get_version INDEX PROGRAM
get_version() {
	if ! command -v "$2" >/dev/null 2>&1; then
		frame "$1 absent" ''
	elif o=$("$2" --version 2>/dev/null </dev/null); then
		frame "$1 text" "$o"
	else
		frame "$1 unusable" "ended with status $?"
	fi
}

# get_command INDEX COMMAND...
get_command() {
	i=$1
	shift
	if ! command -v "$1" >/dev/null 2>&1; then
		frame "$i absent" ''
	elif o=$(within_time 20 "$@" 2>/dev/null); then
		frame "$i text" "$o"
	else
		frame "$i unusable" "ended with status $?"
	fi
}

# is_up PROGRAM: whether a process of it runs as root.
is_up() {
	case $daemons in *"$nl$1 0$nl"*) return 0 ;; esac
	return 1
}

# get_command_if_there INDEX COMMAND...: without the program there is no answer.
get_command_if_there() {
	if command -v "$2" >/dev/null 2>&1; then get_command "$@"; fi
}

# get_program INDEX NAME
get_program() {
	if find_program "$2"; then frame "$1 text" "$p"; else frame "$1 absent" ''; fi
}

# find_program NAME: in $p, as a shell finds it.
find_program() {
	case $1 in
	*/*)
		p=$1
		[ -f "$p" ] && [ -x "$p" ]
		return
		;;
	esac
	set -f
	IFS=:
	for p in $PATH; do
		p=$p/$1
		if [ -f "$p" ] && [ -x "$p" ]; then break; fi
		p=''
	done
	unset IFS
	set +f
	[ -n "$p" ]
}

# get_modified INDEX PATH: seconds since 1970.
get_modified() {
	if [ -e "$r$2" ] && m=$(stat -L -c %Y "$r$2" 2>/dev/null || date -r "$r$2" +%s 2>/dev/null); then
		frame "$1 text" "$m"
	else
		frame "$1 absent" ''
	fi
}

# arguments PID: in $a, a line Arg= for each. They are asked of a service and of its process.
arguments() {
	eval "a=\${arguments_of_$1-}"
	[ -z "$a" ] || return 0
	w=$(tr '\n\000' ' \n' 2>/dev/null <"/proc/$1/cmdline")
	a=''
	case $w in
	# Only these, with an empty one among them, cannot be split by the shell, which is many times quicker.
	*"$nl$nl"*)
		w=$w$nl
		while [ -n "$w" ]; do
			a="${a}Arg=${w%%"$nl"*}$nl"
			w=${w#*"$nl"}
		done
		;;
	*)
		set -f
		IFS=$nl
		for l in $w; do a="${a}Arg=$l$nl"; done
		unset IFS
		set +f
		;;
	esac
	eval "arguments_of_$1=\$a"
}

# ask_units UNIT...: in $unit_1 and on, what systemd says of all of them at once.
ask_units() {
	asked=0
	[ $# -gt 0 ] && command -v systemctl >/dev/null 2>&1 || return 0
	units=$(systemctl show -p LoadState -p ActiveState -p CanReload -p KillMode -p MainPID -p FragmentPath -p DropInPaths -p EnvironmentFiles -p ExecStart -p NeedDaemonReload "$@" 2>/dev/null </dev/null)
	u=0
	case $units in MainPID=*) split_by_main_pid ;; esac
	[ "$u" -eq $# ] || split_by_blank_lines
}

# split_by_main_pid: by a property that each service has once, if it comes first; in $u, how many there are. It is many
# times quicker than to look for the blank lines between them.
split_by_main_pid() {
	o=''
	set -f
	IFS=$nl
	for l in $units; do
		case $l in MainPID=*) keep_unit ;; esac
		o=$o$l$nl
	done
	unset IFS
	set +f
	keep_unit
}

keep_unit() {
	[ -n "$o" ] || return 0
	u=$((u + 1))
	eval "unit_$u=\$o"
	o=''
}

split_by_blank_lines() {
	u=0
	w=$units$nl$nl
	while [ -n "$w" ]; do
		o=${w%%"$nl$nl"*}
		w=${w#*"$nl$nl"}
		# One of which nothing is known has its number, too.
		o=$o$nl
		keep_unit
	done
}

# next_unit: in $o, the properties of the next of them.
next_unit() {
	asked=$((asked + 1))
	eval "o=\${unit_$asked-}"
}

# get_unit INDEX UNIT: the properties that matter, and the arguments of the main process.
get_unit() {
	next_unit
	case $o in
	*LoadState=loaded*)
		p=0
		case $o in *MainPID=*) p=${o#*MainPID=} p=${p%%"$nl"*} ;; esac
		a=''
		[ "${p:-0}" -gt 0 ] && arguments "$p"
		frame "$1 text" "$o$a"
		;;
	*)
		if [ ! -d "$r/run/systemd/system" ] && [ -x "$r/etc/init.d/$2" ]; then
			o=$(script_unit "$2")
			frame "$1 text" "$o"
		else
			o=''
			frame "$1 absent" ''
		fi
		;;
	esac
}

# also_files FLAG...: those in which the unit that was just told is written, if they may say more than systemd does.
also_files() {
	case $o in
	*'$'*) ;;
	*NeedDaemonReload=no*)
		w=''
		for f in "$@"; do
			case $o in *"$f"*) w=$f ;; esac
		done
		[ -n "$w" ] || return 0
		;;
	esac
	set -f
	IFS=$nl
	# shellcheck disable=SC2086
	set -- $o
	unset IFS
	set +f
	for l in "$@"; do
		case $l in
		FragmentPath=/* | DropInPaths=/*) ;;
		EnvironmentFiles=/*) l=${l%%" ("*} ;;
		*) continue ;;
		esac
		# shellcheck disable=SC2086
		for f in ${l#*=}; do
			frame also "$f"
			get_file also "$f"
		done
	done
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

# find_daemons PROGRAM...: the processes of all of them, with one look at all processes; in $daemons, PROGRAM USER.
daemons=$nl
find_daemons() {
	scan "$@"
	daemons=$nl
	w=$found
	while [ -n "$w" ]; do
		l=${w%%"$nl"*}
		w=${w#*"$nl"}
		owner "${l#* }"
		daemons="$daemons${l% *} $u$nl"
	done
}

# get_daemon INDEX PROGRAM
get_daemon() {
	b=''
	w=$found
	while [ -n "$w" ]; do
		l=${w%%"$nl"*}
		w=${w#*"$nl"}
		[ "${l% *}" = "$2" ] && daemon "${l#* }" "$2"
	done
	if [ -n "$b" ]; then frame "$1 text" "$b"; else frame "$1 absent" ''; fi
}

# daemon PID PROGRAM: adds to $b what a process is. When it started is told in ticks since boot, of which all but the
# rarest machines count 100 a second: some shells count to 2^31 only.
daemon() {
	q=$w
	{ IFS= read -r s <"/proc/$1/stat"; } 2>/dev/null || return 0
	program_file "$1" "$2"
	owner "$1"
	b="${b}Pid=$1${nl}Uid=$u${nl}Exe=$e${nl}Hertz=100$nl$times"
	while IFS= read -r l; do
		case $l in */*.service*)
			l=${l%.service*}
			b="${b}Service=${l##*/}$nl"
			break
			;;
		esac
	done 2>/dev/null <"/proc/$1/cgroup"
	program_version "${e% (deleted)}" "$2"
	arguments "$1"
	w=$q
	# The name before it may hold blanks.
	# shellcheck disable=SC2086
	set -- ${s##*) }
	b="$b${a}Parent=$2${nl}Ticks=${20}$nl$nl"
}

# program_file PID NAME: in $e, the file that runs. To follow a link takes a program; the usual file is known without.
program_file() {
	if find_program "$2" && [ ! -L "$p" ] && [ "$p" -ef "/proc/$1/exe" ]; then
		e=$p
	else
		e=$(readlink "/proc/$1/exe" 2>/dev/null)
	fi
}

# tell_times PATH...: in $times, when it is and when the system was started, to compare with the time of a file, if one is
# there.
tell_times() {
	times=''
	for f in "$@"; do
		if [ -e "$r$f" ]; then
			times="Now=$(date +%s)${nl}Boot=$(sed -n 's/^btime //p' /proc/stat)$nl"
			return 0
		fi
	done
}

# program_version FILE NAME: adds to $b what a program that is not the one in PATH says of itself.
program_version() {
	[ -x "$1" ] || return 0
	if ! find_program "$2" || [ ! "$1" -ef "$p" ]; then
		b="${b}Version=$(limited 20 "$1" --version 2>/dev/null | sed 1q)$nl"
	fi
}

# tell_user: that of this shell.
tell_user() {
	owner self
	[ -n "$u" ] || u=$(id -u)
	frame "uid $u" ''
}

# look_back: whether a change was cut off here, and how the last one ended unless well.
look_back() {
	b=$r/var/lib/regconf
	if [ -s "$b/change" ] && [ -r "$b/change" ]; then
		while read -r k v; do
			if [ "$k" = decided ]; then frame left ''; fi
		done <"$b/change"
	fi
	if [ -r "$b/last" ] && read -r k v x <"$b/last" && [ "$v" != 'done' ] && [ "$v" != failed ]; then
		frame last "$(cat "$b/last")"
	fi
}
