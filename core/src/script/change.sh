# A change lies in a folder of its own until it has ended, so that whoever comes next can put right what was cut off:
#   $state/change  it is being prepared; no file is touched yet
#   with a file decided in it: files are being replaced; it goes back if it does not end
#   with a file ended in it:   it has succeeded; only things are left to be tidied up
# In it: files, a line KIND SHA256 CKSUM PATH for each file with the sums of its new bytes; folders, those that were made,
# the highest first; units, what reads the files, as ACTION MANAGER UNIT; activated, those of them that were told;
# nonce, whose change it is. Beside a file stand PATH.regconf-new, to become it, and PATH.regconf-old, what it was.
state=$r/var/lib/regconf
locked=''

step() { frame "step $1" ''; }
note() { frame note "$1"; }

# lock SECONDS: one change at a time on a node; 0 if it is ours within that time, 2 if there is no place for it.
lock() {
	if [ ! -d "$state" ]; then
		{ [ -d "${state%/*}" ] || mkdir -p "${state%/*}"; } && { mkdir -m 700 "$state" || [ -d "$state" ]; } || return 2
	fi 2>/dev/null
	below "$state" && [ -w "$state" ] || return 2
	w=$1
	until take_lock; do
		[ "$w" -gt 0 ] || return 1
		w=$((w - 1))
		sleep 1
	done
	locked=yes
}

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

# tell NONCE WORD KIND TEXT: keeps how a change ended for who asks later.
tell() { printf '%s %s %s\n%s\n' "$1" "$2" "$3" "$4" >"$state/last"; }

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

# forget: what is left of a change goes; first what says that it was decided, for what is left when this is cut off must
# not be put back.
forget() { rm -rf "$state/change/decided" "$state/change" "$state/error"; }

# abandon: a change that has touched no file.
abandon() {
	[ -d "$state/change" ] || return 0
	ok=0
	if [ -f "$state/change/files" ]; then
		while IFS=' ' read -r k h c z t; do rm -f "$t.regconf-new" "$t.regconf-old" || ok=1; done <"$state/change/files"
		unmake_folders
	fi
	[ $ok -eq 0 ] && rm -rf "$state/change"
}

unmake_folders() {
	[ -f "$state/change/folders" ] || return 0
	last_first "$state/change/folders"
	while [ -n "$w" ]; do
		rmdir "${w%%"$nl"*}" 2>/dev/null
		w=${w#*"$nl"}
	done
	return 0
}

# last_first FILE: in $w, its lines.
last_first() {
	w=''
	while IFS= read -r l; do w="$l$nl$w"; done <"$1"
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
	last_first "$state/change/files"
	while [ -n "$w" ]; do
		l=${w%%"$nl"*}
		w=${w#*"$nl"}
		t=${l#* * * * }
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

# activate_all FOLDER FILE: tells the units that the file lists. Those that could not be told are all that is left to tell.
activate_all() {
	ok=0
	true >"$1/left" || return 1
	while IFS=' ' read -r k v u; do
		activate "$k" "$v" "$u" >/dev/null 2>&1 && continue
		printf '%s %s %s\n' "$k" "$v" "$u" >>"$1/left"
		ok=1
	done <"$1/$2"
	[ $ok -eq 0 ] || mv -f "$1/left" "$1/units"
	return $ok
}

# not_told FOLDER: what could not be told, in words.
not_told() { printf 'the old files are back, but this failed: %s' "$(cut -d ' ' -f 1,3 "$1/units" | tr '\n' ' ')"; }

# tidy: the old files become backups, and what is left of the change goes.
tidy() {
	ok=0
	while IFS=' ' read -r k h c z t; do
		if [ -e "$t.regconf-new" ]; then rm -f "$t.regconf-new" || ok=1; fi
		if [ -e "$t.regconf-old" ]; then keep "$t" || ok=1; fi
		if [ "$k" = delete ]; then rmdir "${t%/*}" 2>/dev/null; fi
	done <"$state/change/files"
	[ $ok -eq 0 ] && forget
}

# put_right: what an earlier change left that was cut off.
put_right() {
	[ -d "$state/change" ] || return 0
	if [ ! -e "$state/change/decided" ]; then
		abandon
		return 0
	fi
	if [ -e "$state/change/ended" ]; then
		tell "$(cat "$state/change/nonce")" 'done' none '' && tidy || forget
		return
	fi
	step 'put back what was cut off'
	c='a change was cut off in the middle'
	m=$(cat "$state/change/nonce")
	if ! roll_back; then
		tell "$m" broken command "$c; putting the old files back failed: what they were stands beside them as *.regconf-old"
		return 1
	fi
	if activate_all "$state/change" units; then
		tell "$m" rolledback command "$c"
	else
		# It is not tried at every contact: what is wrong with the unit is another matter than the files.
		tell "$m" broken command "$c; $(not_told "$state/change")"
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
	openrc) by_script rc-service "$3" "$1" && by_script rc-service "$3" status ;;
	sysv) by_script "$r/etc/init.d/$3" "$1" && by_script "$r/etc/init.d/$3" status ;;
	process) hang_up "$3" ;;
	*) return 1 ;;
	esac
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
