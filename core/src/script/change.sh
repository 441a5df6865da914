# What is done is written down in $state/change, line by line and before it is done, so that whoever comes next can put
# right what was cut off. A line whose end is missing does not count.
#   of NONCE                             whose change it is
#   folder PATH                          one that is made
#   file KIND SHA256 CKSUM SIZE PATH     one that is to be changed, with the sums of its new bytes
#   unit ACTION MANAGER UNIT             what reads the files
#   decided                              from here on files are being replaced; it goes back if it does not end
#   told ACTION MANAGER UNIT             one of the units that is told now
#   ended                                it has succeeded; only things are left to be tidied up
# Between changes it is empty. Beside a file stand PATH.regconf-new, to become it, and PATH.regconf-old, what it was.
state=$r/var/lib/regconf
locked=''
# What is written down of the change.
whose='' folders='' files='' units='' told='' phase=''

step() { frame "step $1" ''; }
note() { frame note "$1"; }

# lock SECONDS [FOLDER...]: one change at a time on a node; 0 if it is ours within that time, 2 if there is no place for
# it. The folders, of the backups to come, are made along with a place that is new.
lock() {
	w=$1
	shift
	[ -d "$state" ] || make_place "$@" || return 2
	below "$state" && [ -w "$state" ] || return 2
	until take_lock; do
		[ "$w" -gt 0 ] || return 1
		w=$((w - 1))
		sleep 1
	done
	locked=yes
}

# make_place FOLDER...: for the changes of this node. None but its owner sees what is in it.
make_place() {
	[ -d "${state%/*}" ] || mkdir -p "${state%/*}" || return 1
	below "${state%/*}" || return 1
	umask 077
	mkdir -p "$state" "$@"
	umask 022
	[ -d "$state" ]
} 2>/dev/null

take_lock() {
	if command -v flock >/dev/null 2>&1; then
		exec 9>"$state/lock"
		# ksh closes such files for programs unless they are named for it.
		flock -n 9 9>&9
	elif mkdir "$state/lock.d" 2>/dev/null; then
		echo $$ >"$state/lock.d/pid"
	else
		m=$(cat "$state/lock.d/pid" 2>/dev/null)
		if [ -z "$m" ] || kill -0 "$m" 2>/dev/null; then return 1; fi
		rm -rf "$state/lock.d"
		take_lock
	fi
}

# write_down KIND [TEXT]: a line of what is done, before it is.
write_down() {
	printf '%s %s\n' "$1" "${2:-}" >>"$state/change" || return 1
	remember "$@"
}

# remember KIND [TEXT]: the same in variables. Files and folders have the last one first, the order of going back.
remember() {
	case $1 in
	of) whose=$2 folders='' files='' units='' told='' phase='' ;;
	folder) folders=$2$nl$folders ;;
	file) files=$2$nl$files ;;
	unit) units=$units$2$nl ;;
	told) told=$told$2$nl ;;
	decided | ended) phase=$1 ;;
	esac
}

# recall: what is written down.
recall() {
	while IFS= read -r l; do remember "${l%% *}" "${l#* }"; done <"$state/change"
}

# next_of LINES: whether there is one more, in $l, and those after it, in $w.
next_of() {
	[ -n "$1" ] || return 1
	l=${1%%"$nl"*}
	w=${1#*"$nl"}
}

# next_file LINES: the same, with its kind in $k and its path in $t.
next_file() { next_of "$1" && k=${l%% *} && t=${l#* * * * }; }

# tell NONCE WORD KIND TEXT: keeps how a change ended for who asks later; for who asks now, even if the disk is full.
tell() {
	last_of=$1 last="$2 $3" last_text=$4
	printf '%s %s\n%s\n' "$1" "$last" "$4" >"$state/last"
}

# finish WORD KIND TEXT: the last answer.
finish() {
	[ -z "$locked" ] || unlock
	frame "end $1 $2" "$3"
	exit 0
}

unlock() {
	if [ -d "$state/lock.d" ]; then rm -rf "$state/lock.d"; fi
}

# has_sum FILE SHA256 CKSUM: whether these are the sums of its bytes; the second, of POSIX, is for nodes without the first.
has_sum() {
	if command -v sha256sum >/dev/null 2>&1; then
		case $(sha256sum <"$1") in "$2 "*) return 0 ;; esac
		return 1
	fi
	[ "$(cksum <"$1")" = "$3" ]
}

# same FILE FILE: whether both have the same bytes.
same() {
	if command -v cmp >/dev/null 2>&1; then
		cmp -s "$1" "$2"
	else
		[ "$(cat "$1"; echo x)" = "$(cat "$2"; echo x)" ] && [ "$(wc -c <"$1")" -eq "$(wc -c <"$2")" ]
	fi
}

# keep PATH: what the file was becomes its backup.
keep() {
	b=$state/backup${1#"$r"}
	{ [ -d "${b%/*}" ] || mkdir -p "${b%/*}"; } && mv -f "$1.regconf-old" "$b"
}

# on_disk PATH...: as far as the system can be told to.
on_disk() { sync "$@" 2>/dev/null || sync; }

# forget: nothing is under way any more.
forget() {
	if [ -s "$state/error" ]; then true >"$state/error"; fi
	true >"$state/change"
}

# abandon: a change that has touched no file.
abandon() {
	ok=0
	w=$files
	while next_file "$w"; do rm -f "$t.regconf-new" "$t.regconf-old" || ok=1; done
	unmake_folders
	[ $ok -eq 0 ] && forget
}

unmake_folders() {
	w=$folders
	while next_of "$w"; do rmdir "$l" 2>/dev/null; done
}

# restore KIND SHA256 CKSUM PATH: the old file, unless somebody has changed it since.
restore() {
	rm -f "$4.regconf-new"
	case $1 in
	create)
		if [ -f "$4" ] && has_sum "$4" "$2" "$3"; then rm -f "$4"; fi
		;;
	change)
		[ -e "$4.regconf-old" ] || return 0
		if [ -f "$4" ] && has_sum "$4" "$2" "$3"; then
			mv -f "$4.regconf-old" "$4"
		elif [ -f "$4" ] && same "$4" "$4.regconf-old"; then
			rm -f "$4.regconf-old"
		else
			note "$4 was changed by others meanwhile and stays so; what it was is in $state/backup"
			keep "$4"
		fi
		;;
	delete)
		[ -e "$4.regconf-old" ] || return 0
		if [ -e "$4" ]; then keep "$4"; else
			mkdir -p "${4%/*}" && mv "$4.regconf-old" "$4"
		fi
		;;
	esac
}

# roll_back: the old files, the last one first. It can be cut off and done again.
roll_back() {
	ok=0
	left=$files
	while next_file "$left"; do
		left=$w
		set -f
		# The path is not among the words that are used.
		# shellcheck disable=SC2086
		set -- $l
		set +f
		restore "$1" "$2" "$3 $4" "$t" || ok=1
	done
	unmake_folders
	return $ok
}

# activate_all LINES: tells these units. In $untold, those that could not be told.
activate_all() {
	untold=''
	left=$1
	while next_of "$left"; do
		left=$w
		set -f
		# shellcheck disable=SC2086
		set -- $l
		set +f
		activate "$@" >/dev/null 2>&1 || untold="$untold$*$nl"
	done
	[ -z "$untold" ]
}

# not_told: what could not be told, in words.
not_told() { printf 'the old files are back, but this failed: %s' "$(printf %s "$untold" | cut -d ' ' -f 1,3 | tr '\n' ' ')"; }

# tidy: the old files become backups, and what is left of the change goes.
tidy() {
	ok=0
	left=$files
	while next_file "$left"; do
		left=$w
		if [ -e "$t.regconf-new" ]; then rm -f "$t.regconf-new" || ok=1; fi
		if [ -e "$t.regconf-old" ]; then keep "$t" || ok=1; fi
		if [ "$k" = delete ]; then rmdir "${t%/*}" 2>/dev/null; fi
	done
	[ $ok -eq 0 ] && forget
}

# put_right: what an earlier change left that was cut off.
put_right() {
	[ -s "$state/change" ] || return 0
	recall
	case $phase in
	'')
		abandon
		return 0
		;;
	ended)
		tell "$whose" 'done' none ''
		tidy || forget
		return
		;;
	esac
	step 'put back what was cut off'
	c='a change was cut off in the middle'
	if ! roll_back; then
		tell "$whose" broken command "$c; putting the old files back failed: what they were stands beside them as *.regconf-old"
		return 1
	fi
	if activate_all "$units"; then
		tell "$whose" rolledback command "$c"
	else
		# It is not tried at every contact: what is wrong with the unit is another matter than the files.
		tell "$whose" broken command "$c; $(not_told)"
	fi
	forget
}

# activate ACTION MANAGER UNIT: and whether it is active then. systemd counts failed starts; those from before must not
# stop this one.
activate() {
	case $2 in
	systemd)
		[ "$1" = reload ] || systemctl reset-failed "$3" >/dev/null 2>&1 </dev/null
		# One that is not active cannot be reloaded.
		by_script systemctl "$1" "$3" && { [ "$1" = reload ] || systemctl is-active "$3" >/dev/null </dev/null; }
		;;
	openrc | sysv) by_init "$2" "$3" "$1" && by_init "$2" "$3" status ;;
	process) hang_up "$3" ;;
	*) return 1 ;;
	esac
}

# by_init MANAGER UNIT ACTION: by the script of the service.
by_init() {
	if [ "$1" = openrc ]; then by_script rc-service "$2" "$3"; else by_script "$r/etc/init.d/$2" "$3"; fi
}

# by_script COMMAND...: what a script of the service starts must not hold the lock.
by_script() { limited 150 "$@" 9>&- >/dev/null; }

# hang_up PROGRAM: tells root's one process of that name to read its configuration.
hang_up() {
	scan "$1"
	w=$found
	set --
	while [ -n "$w" ]; do
		l=${w%%"$nl"*}
		w=${w#*"$nl"}
		owner "${l#* }"
		if [ "$u" = 0 ]; then set -- "$@" "${l#* }"; fi
	done
	if [ $# -ne 1 ]; then
		echo "$# such processes are running, and not 1" >&2
		return 1
	fi
	kill -HUP "$1"
}
