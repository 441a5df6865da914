# A change has a number N and a kind: create, change or delete. before_N and after_N print its bytes, judge_N checks
# the staged file, check_N the effect. A step that fails calls give_up, which ends the script.
state=$r/var/lib/regconf
locked=''
staged=''
undo=''
made=''
activated=''
c=''

step() { frame "step $1" ''; }

# finish WORD KIND TEXT: the last answer.
finish() {
	[ -n "$locked" ] && rm -rf "$state/lock.d" "$state/error"
	frame "end $1 $2" "$3"
	exit 0
}

# give_up KIND TEXT: puts back what was done and says how that went.
give_up() {
	printf %s "$staged" | while IFS= read -r f; do rm -f "$f"; done
	if [ -z "$undo" ]; then
		remove_folders
		finish failed "$1" "$2"
	fi
	step rollback
	if roll_back && activate_again; then finish rolledback "$1" "$2"; fi
	finish broken "$1" "$2; putting the old state back failed too; the old files are in $state/backup"
}

# because TEXT: the text and what the failed command said.
because() { printf '%s: %s' "$1" "$(tail -n 3 "$state/error" 2>/dev/null)"; }

# same PATH FUNCTION: whether the file has exactly the bytes that the function prints.
same() {
	if command -v cmp >/dev/null 2>&1; then
		"$2" | cmp -s - "$1"
	else
		[ "$(cat "$1"; echo x)" = "$("$2"; echo x)" ] && [ "$(wc -c <"$1")" -eq "$("$2" | wc -c)" ]
	fi
}

# target PATH: the file behind a link.
target() {
	if [ -L "$1" ]; then readlink -f "$1"; else printf %s "$1"; fi
}

# make_folder PATH: with those above it, remembering which are new.
make_folder() {
	[ -d "$1" ] && return 0
	make_folder "${1%/*}" || return 1
	mkdir "$1" || return 1
	made="$1
$made"
}

remove_folders() {
	printf %s "$made" | while IFS= read -r d; do rmdir "$d" 2>/dev/null; done
}

is_selinux() { command -v getenforce >/dev/null 2>&1 && [ "$(getenforce 2>/dev/null)" != Disabled ]; }

# fresh NUMBER KIND PATH: whether the file is still what the plan was made from.
fresh() {
	if [ "$2" = create ]; then
		[ ! -e "$3" ] && [ ! -L "$3" ]
	else
		[ -f "$3" ] && below "$3" && same "$3" "before_$1"
	fi
}

# stage NUMBER KIND PATH MODE: the new bytes beside the file, with its owner, mode and label.
stage() {
	t=$(target "$3")
	make_folder "${t%/*}" && below "${t%/*}" || return 1
	staged="$t.regconf-new
$staged"
	if [ "$2" = change ]; then
		cp -a "$t" "$t.regconf-new" || return 1
		"after_$1" >"$t.regconf-new" || return 1
	else
		(umask 077 && "after_$1" >"$t.regconf-new") || return 1
		chmod "$4" "$t.regconf-new" || return 1
	fi
	if is_selinux && command -v restorecon >/dev/null 2>&1; then
		if [ "$2" = change ]; then chcon --reference="$t" "$t.regconf-new"; else restorecon "$t.regconf-new"; fi
	fi
	same "$t.regconf-new" "after_$1" || return 1
	sync "$t.regconf-new" 2>/dev/null || sync
}

# back_up KIND PATH
back_up() {
	[ "$1" = create ] && return 0
	t=$(target "$2")
	b=$state/backup${t#"$r"}
	mkdir -p "${b%/*}" && cp -a "$t" "$b"
}

# commit NUMBER KIND PATH
commit() {
	t=$(target "$3")
	undo="$2 $t
$undo"
	if [ "$2" = delete ]; then
		rm "$t" || return 1
		rmdir "${t%/*}" 2>/dev/null
		return 0
	fi
	mv -f "$t.regconf-new" "$t"
}

# roll_back: the old files, the last one first.
roll_back() {
	ok=0
	while IFS=' ' read -r k t; do
		[ -n "$k" ] || continue
		if [ "$k" = create ]; then
			rm -f "$t" || ok=1
		else
			mkdir -p "${t%/*}" && cp -a "$state/backup${t#"$r"}" "$t.regconf-new" && mv -f "$t.regconf-new" "$t" || ok=1
		fi
	done <<UNDO
$undo
UNDO
	undo=''
	remove_folders
	return $ok
}

# activate ACTION MANAGER UNIT
activate() {
	activated="$1 $2 $3
$activated"
	drive "$1" "$2" "$3"
}

# drive ACTION MANAGER UNIT: and whether it is active then. systemd counts failed starts; those from before must not
# stop this one.
drive() {
	case $2 in
	systemd)
		limited 30 systemctl reset-failed "$3" >/dev/null 2>&1
		limited 150 systemctl "$1" "$3" && limited 30 systemctl is-active "$3" >/dev/null
		;;
	openrc) by_script rc-service "$3" "$1" && by_script rc-service "$3" status ;;
	sysv) by_script "$r/etc/init.d/$3" "$1" && by_script "$r/etc/init.d/$3" status ;;
	process) hang_up "$3" ;;
	esac
}

# by_script COMMAND...: what a script of /etc/init.d starts must not inherit the lock.
by_script() { limited 150 "$@" 9>&- >/dev/null; }

# hang_up PROGRAM: tells root's one process of that name to read its configuration.
hang_up() {
	q=''
	for p in $(pids "$1"); do
		[ "$(user "$p")" = 0 ] && q="$q $p"
	done
	# shellcheck disable=SC2086
	set -- $q
	if [ $# -ne 1 ]; then
		echo "$# such processes are running, and not 1" >&2
		return 1
	fi
	kill -HUP "$1"
}

activate_again() {
	ok=0
	while IFS=' ' read -r k m u; do
		[ -n "$k" ] || continue
		drive "$k" "$m" "$u" >/dev/null 2>&1 || ok=1
	done <<UNITS
$activated
UNITS
	return $ok
}

# journal UNIT: the end of what it logged.
journal() { limited 10 journalctl -u "$1" -n 12 -o cat --no-pager 2>/dev/null; }

# holds CHECK: asks until it is so, for a minute at most. A check prints what it misses.
holds() {
	w=0
	while [ "$w" -lt 240 ]; do
		o=$("$1") && return 0
		w=$((w + 1))
		sleep 0.25 2>/dev/null || { sleep 1; w=$((w + 3)); }
	done
	return 1
}

# line_like PATTERN: whether some line of $c matches; says so if none does.
line_like() {
	printf '%s\n' "$c" | grep -Eq -e "$1" && return 0
	printf 'nothing like %s in: %s' "$1" "$(printf '%s' "$c" | tail -n 3)"
	return 1
}

# no_line_like PATTERN: whether no line of $c matches; says which one does.
no_line_like() {
	l=$(printf '%s\n' "$c" | grep -E -e "$1") || return 0
	printf 'still like %s: %s' "$1" "$(printf '%s' "$l" | head -n 3)"
	return 1
}

# lock: one change at a time on a node.
lock() {
	if ! { mkdir -p "$state" && [ -w "$state" ]; } 2>/dev/null; then
		give_up io "$state cannot be written: $(mkdir -p "$state" 2>&1; touch "$state/lock" 2>&1)"
	fi
	busy='another change is under way on this node'
	if command -v flock >/dev/null 2>&1; then
		exec 9>"$state/lock"
		# ksh closes such files for programs unless they are named for it.
		flock -n 9 9>&9 || give_up conflict "$busy"
	elif ! mkdir "$state/lock.d" 2>/dev/null; then
		p=$(cat "$state/lock.d/pid" 2>/dev/null)
		if [ -n "$p" ] && kill -0 "$p" 2>/dev/null; then give_up conflict "$busy"; fi
	fi
	locked=yes
	mkdir -p "$state/lock.d"
	echo $$ >"$state/lock.d/pid"
}
