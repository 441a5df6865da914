# A file of the change has a number N and a kind: create, change or delete. before_N and after_N print its bytes, judge_N
# checks the staged file, check_N the effect. A step that fails calls give_up, which ends the script.
c=''

# give_up KIND TEXT: puts back what was done and says how that went.
give_up() {
	[ -n "$locked" ] || finish failed "$1" "$2"
	abandon "$state/new"
	[ -d "$state/change" ] || finish failed "$1" "$2"
	# Without a file there is nothing to go back to; telling the engine again would only disturb it.
	if [ ! -s "$state/change/files" ]; then
		rm -rf "$state/change"
		finish failed "$1" "$2"
	fi
	step rollback
	roll_back || finish broken "$1" "$2; putting the old files back failed: what they were stands beside them as *.regconf-old"
	activate_all "$state/change" activated || finish broken "$1" "$2; $(not_told "$state/change")"
	rm -rf "$state/change"
	finish rolledback "$1" "$2"
}

# because TEXT: the text and what the failed command said.
because() { printf '%s: %s' "$1" "$(tail -n 3 "$state/error" 2>/dev/null)"; }

# begin: takes the lock, and puts right what was left.
begin() {
	lock 0
	case $? in
	1) give_up conflict 'another change is under way on this node' ;;
	2) give_up io "$(unwritable)" ;;
	esac
	put_right || give_up io 'an earlier change was cut off and cannot be put back'
	mkdir "$state/new" && true >"$state/new/files" && true >"$state/new/folders" &&
		true >"$state/new/units" && true >"$state/new/activated" && echo "$n" >"$state/new/nonce"
}

# unwritable: what the system says against a file of ours.
unwritable() {
	printf '%s cannot be written: ' "$state"
	mkdir -p "$state" 2>&1 && (echo x | cat >"$state/probe") 2>&1
	rm -f "$state/probe"
}

# target PATH: the file behind a link.
target() {
	if [ -L "$1" ]; then readlink -f "$1"; else printf %s "$1"; fi
}

# in_front FILE LINE: adds a line at the top.
in_front() {
	{
		printf '%s\n' "$2"
		cat "$1"
	} >"$1.new" && mv -f "$1.new" "$1"
}

is_selinux() { command -v getenforce >/dev/null 2>&1 && [ "$(getenforce 2>/dev/null)" != Disabled ]; }

# label PATH [LIKE]: the SELinux label of another file, or that of the place.
label() {
	is_selinux && command -v restorecon >/dev/null 2>&1 || return 0
	if [ -n "${2:-}" ]; then chcon --reference="$2" "$1"; else restorecon "$1"; fi
}

# make_folder PATH: with those above it, remembering which are new.
make_folder() {
	[ -d "$1" ] && return 0
	make_folder "${1%/*}" || return 1
	in_front "$state/new/folders" "$1" && mkdir "$1" && label "$1"
}

# holds_bytes PATH FUNCTION: whether the file has exactly the bytes that the function prints.
holds_bytes() {
	if command -v cmp >/dev/null 2>&1; then
		"$2" | cmp -s - "$1"
	else
		[ "$(cat "$1"; echo x)" = "$("$2"; echo x)" ] && [ "$(wc -c <"$1")" -eq "$("$2" | wc -c)" ]
	fi
}

# fresh NUMBER KIND PATH: whether the file is still what the plan was made from.
fresh() {
	if [ "$2" = create ]; then
		[ ! -e "$3" ] && [ ! -L "$3" ]
	else
		[ -f "$3" ] && below "$3" && holds_bytes "$3" "before_$1"
	fi
}

# is_mount PATH: a file that is mounted for itself cannot be replaced, only written into.
is_mount() {
	[ -r /proc/self/mountinfo ] && cut -d ' ' -f 5 /proc/self/mountinfo | grep -Fqx -e "$1"
}

# stage NUMBER KIND PATH MODE: the new bytes beside the file, with its owner, mode and label.
stage() {
	t=$(target "$3") && [ -n "$t" ] || return 1
	if [ "$2" != create ] && is_mount "$t"; then
		echo 'it is a mount of its own, which cannot be replaced as a whole; change the file that is mounted' >&2
		return 1
	fi
	make_folder "${t%/*}" && below "${t%/*}" && in_front "$state/new/files" "$1 $2 $t" || return 1
	[ "$2" = delete ] && return 0
	if [ "$2" = change ]; then
		if [ -n "$(find "$t" -prune -links +1 2>/dev/null)" ]; then
			note "$t has other names (hard links), which keep the old bytes"
		fi
		rm -f "$t.regconf-old"
		# A link keeps everything of the file, and needs no room to go back.
		ln "$t" "$t.regconf-old" 2>/dev/null || cp -a "$t" "$t.regconf-old" || return 1
		cp -a "$t" "$t.regconf-new" || return 1
		"after_$1" >"$t.regconf-new" && label "$t.regconf-new" "$t" || return 1
	else
		(umask 077 && "after_$1" >"$t.regconf-new") || return 1
		chmod "$4" "$t.regconf-new" && label "$t.regconf-new" || return 1
	fi
	holds_bytes "$t.regconf-new" "after_$1" && (umask 077 && cat "$t.regconf-new" >"$state/new/$1.new") &&
		on_disk "$t.regconf-new" "$state/new/$1.new"
}

# will_activate ACTION MANAGER UNIT: remembers who reads the files.
will_activate() { printf '%s %s %s\n' "$1" "$2" "$3" >>"$state/new/units"; }

# decide: from here on files change, and go back if the change does not end.
decide() {
	on_disk "$state/new/files" "$state/new" && mv "$state/new" "$state/change" && on_disk "$state"
}

# commit NUMBER KIND PATH
commit() {
	t=$(target "$3") && [ -n "$t" ] || return 1
	case $2 in
	delete) mv -f "$t" "$t.regconf-old" ;;
	# A file that somebody has made meanwhile is not replaced.
	create) ln "$t.regconf-new" "$t" 2>/dev/null || { [ ! -e "$t" ] && mv -f "$t.regconf-new" "$t"; } ;;
	*) mv -f "$t.regconf-new" "$t" ;;
	esac || {
		if lsattr -d "$t" 2>/dev/null | grep -q '^[^ ]*[ia]'; then echo 'it is immutable: chattr -i' >&2; fi
		return 1
	}
	on_disk "${t%/*}"
}

# tell_unit ACTION MANAGER UNIT
tell_unit() {
	printf '%s %s %s\n' "$1" "$2" "$3" >>"$state/change/activated" && activate "$1" "$2" "$3"
}

# journal UNIT: the end of what it logged.
journal() { limited 10 journalctl -u "$1" -n 12 -o cat --no-pager 2>/dev/null; }

# holds CHECK: asks until it is so, for a minute at most. A check prints what it misses.
holds() {
	w=0
	while [ "$w" -lt 240 ]; do
		o=$("$1") && return 0
		w=$((w + 1))
		sleep 0.25 2>/dev/null || {
			sleep 1
			w=$((w + 3))
		}
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

# lives MANAGER UNIT: which process of it runs, and how often it was started anew by itself.
lives() {
	if [ "$1" = systemd ]; then
		limited 10 systemctl show -p MainPID -p NRestarts "$2" 2>/dev/null
	else
		pids "$2"
	fi
}

# stays MANAGER UNIT LIVES: whether it is still the same a second later: an engine may start, answer and die.
stays() {
	sleep 1
	[ "$(lives "$1" "$2")" = "$3" ]
}

# succeed: the new state counts, even if something of the old one cannot be tidied up now.
succeed() {
	mv "$state/change" "$state/ended" || return 1
	on_disk "$state"
	tell "$n" 'done' none ''
	tidy
	return 0
}
