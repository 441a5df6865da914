# A file of the change has a number N and a kind: create, change or delete. after_N prints its new bytes, judge_N checks
# the staged file, check_N the effect. A step that fails calls give_up, which ends the script.
c=''
sums=''

# fail WORD KIND TEXT
fail() {
	if [ -n "$locked" ]; then
		tell "$n" "$1" "$2" "$3"
		true >"$state/error"
	fi
	finish "$1" "$2" "$3"
}

# give_up KIND TEXT: puts back what was done and says how that went.
give_up() {
	[ -n "$locked" ] || fail failed "$1" "$2"
	if [ -z "$phase" ]; then
		abandon
		fail failed "$1" "$2"
	fi
	# Without a file there is nothing to go back to; telling the engine again would only disturb it.
	if [ -z "$files" ]; then
		forget
		fail failed "$1" "$2"
	fi
	step rollback
	roll_back || fail broken "$1" "$2; putting the old files back failed: what they were stands beside them as *.regconf-old"
	activate_all "$told" || {
		leave_untold
		fail broken "$1" "$2; $(not_told)"
	}
	forget
	fail rolledback "$1" "$2"
}

# leave_untold: all that is left to do for whoever comes next is to tell these units.
leave_untold() {
	left=$untold
	printf 'of %s\n' "$whose" >"$state/change"
	while next_of "$left"; do
		left=$w
		printf 'unit %s\n' "$l"
	done >>"$state/change"
	echo decided >>"$state/change"
}

# because TEXT: the text and what the failed command said.
because() { printf '%s: %s' "$1" "$(tail -n 3 "$state/error" 2>/dev/null)"; }

# begin [FOLDER...]: takes the lock, and puts right what was left. The folders are those of the backups.
begin() {
	lock 0 "$@"
	case $? in
	1) give_up conflict 'another change is under way on this node' ;;
	2) give_up io "$(unwritable)" ;;
	esac
	put_right || give_up io 'an earlier change was cut off and cannot be put back'
	[ ! -s "$state/change" ] && write_down of "$n"
}

# unwritable: what the system says against a file of ours.
unwritable() {
	printf '%s cannot be written: ' "$state"
	if ! below "${state%/*}" || ! below "$state"; then
		printf 'it is behind a link that leads out of the root'
		return
	fi
	mkdir -p "$state" 2>&1 && (echo x | cat >"$state/probe") 2>&1
	rm -f "$state/probe"
}

# target PATH: in $t, the file behind a link.
target() {
	t=$1
	if [ -L "$1" ]; then t=$(readlink -f "$1"); fi
	[ -n "$t" ]
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
	write_down folder "$1" && mkdir "$1" && label "$1"
}

# fresh KIND PATH SHA256 CKSUM: whether the file is still what the plan was made from.
fresh() {
	if [ "$1" = create ]; then
		[ ! -e "$2" ] && [ ! -L "$2" ]
	else
		[ -f "$2" ] && below "$2" && { { [ "$1" = change ] && is_untouched "$2"; } || has_sum "$2" "$3" "$4"; }
	fi
}

# is_untouched PATH: whether it is the very file that was compared when it was staged, and older than what was staged.
is_untouched() { target "$1" && [ "$t" -ef "$t.regconf-old" ] && [ "$t.regconf-new" -nt "$t" ]; }

# is_mount PATH: a file that is mounted for itself cannot be replaced, only written into.
is_mount() {
	[ -r /proc/self/mountinfo ] && cut -d ' ' -f 5 /proc/self/mountinfo | grep -Fqx -e "$1" || return 1
	echo 'it is a mount of its own, which cannot be replaced as a whole; change the file that is mounted' >&2
}

# stage NUMBER KIND PATH MODE SHA256 CKSUM OLD_SHA256 OLD_CKSUM: the new bytes beside the file, with its owner, mode and
# label.
stage() {
	target "$3" || return 1
	make_folder "${t%/*}" && below "${t%/*}" && write_down file "$2 $5 $6 $t" || return 1
	if [ "$2" = delete ]; then
		! is_mount "$t"
		return
	fi
	if [ "$2" = change ]; then
		[ -f "$3" ] && below "$3" || return 1
		if [ -n "$(find "$t" -prune -links +1 2>/dev/null)" ]; then
			note "$t has other names (hard links), which keep the old bytes"
		fi
		if [ -e "$t.regconf-old" ]; then rm -f "$t.regconf-old"; fi
		# A link keeps everything of the file, and needs no room to go back. There is none from one mount to another.
		if ! ln "$t" "$t.regconf-old" 2>/dev/null; then
			! is_mount "$t" && cp -a "$t" "$t.regconf-old" || return 1
		fi
		cp -a "$t" "$t.regconf-new" || return 1
		"after_$1" >"$t.regconf-new" && label "$t.regconf-new" "$t" || return 1
		sums="$sums${sums:+$nl}$7  $t.regconf-old"
	else
		umask 077
		"after_$1" >"$t.regconf-new" || return 1
		umask 022
		chmod "$4" "$t.regconf-new" && label "$t.regconf-new" || return 1
	fi
	sums="$sums${sums:+$nl}$5  $t.regconf-new"
}

# is_staged: whether the old and the new bytes are what they should be, in one go where the node can.
is_staged() {
	[ -n "$sums" ] || return 0
	# What is so short takes no process more, which a pipe would.
	command -v sha256sum >/dev/null 2>&1 && sha256sum -c >/dev/null 2>&1 <<-END
		$sums
	END
}

# will_activate ACTION MANAGER UNIT: remembers who reads the files.
will_activate() { write_down unit "$*"; }

# decide: from here on files change, and go back if the change does not end. What is to be done is on the disk before.
decide() {
	set -- "$state/change" "$state"
	w=$files
	while next_file "$w"; do
		[ "$k" = delete ] || set -- "$@" "$t.regconf-new"
	done
	write_down decided && on_disk "$@"
}

# commit KIND PATH
commit() {
	target "$2" || return 1
	case $1 in
	delete) mv -f "$t" "$t.regconf-old" ;;
	# A file that somebody has made meanwhile is not replaced.
	create) ln "$t.regconf-new" "$t" 2>/dev/null || { [ ! -e "$t" ] && mv -f "$t.regconf-new" "$t"; } ;;
	*) mv -f "$t.regconf-new" "$t" ;;
	esac || {
		if lsattr -d "$t" 2>/dev/null | grep -q '^[^ ]*[ia]'; then echo 'it is immutable: chattr -i' >&2; fi
		return 1
	}
}

# tell_unit ACTION MANAGER UNIT
tell_unit() { write_down told "$*" && activate "$@"; }

# journal UNIT: the end of what it logged.
journal() { limited 10 journalctl -u "$1" -n 12 -o cat --no-pager 2>/dev/null; }

# holds CHECK: asks until it is so, for a minute at most. A check says in $o what it misses.
holds() {
	w=0
	while [ "$w" -lt 240 ]; do
		"$1" && return 0
		w=$((w + 1))
		sleep 0.25 2>/dev/null || {
			sleep 1
			w=$((w + 3))
		}
	done
	return 1
}

# line_like PATTERN: whether some line of $c matches; says so in $o if none does.
line_like() {
	printf '%s\n' "$c" | grep -Eq -e "$1" && return 0
	o="nothing like $1 in: $(end_of "$c")"
	return 1
}

# end_of TEXT: its last lines.
end_of() { printf %s "$1" | tail -n 3; }

# has_text TEXT: whether it is in $c.
has_text() { case $c in *"$1"*) return 0 ;; *) return 1 ;; esac }

# has_between TEXT END TEXT: whether some line of $c has both, and the character END nowhere between them.
has_between() {
	set -f
	IFS=$2$nl
	f=''
	for f in $c; do
		case $f in *"$1"*"$3"*) break ;; esac
		f=''
	done
	unset IFS
	set +f
	[ -n "$f" ]
}

# no_line_like PATTERN: whether no line of $c matches; says in $o which one does.
no_line_like() {
	l=$(printf '%s\n' "$c" | grep -E -e "$1") || return 0
	o="still like $1: $(end_of "$l")"
	return 1
}

# lives MANAGER UNIT: which process of it runs, and how often it was started anew by itself, if its manager knows.
lives() {
	[ "$1" != systemd ] || systemctl show -p MainPID -p NRestarts "$2" 2>/dev/null </dev/null
}

# stays MANAGER UNIT LIVES: whether it is still the same a second later, or still runs: an engine may start, answer and die.
stays() {
	sleep 1
	if [ "$1" = systemd ]; then [ "$(lives "$1" "$2")" = "$3" ]; else by_init "$1" "$2" status; fi
}

# succeed: the new state counts, even if something of the old one cannot be tidied up now. The files are on the disk
# before.
succeed() {
	set -- "$state/change"
	w=$files
	while next_file "$w"; do set -- "${t%/*}" "$@"; done
	write_down ended || return 1
	on_disk "$@"
	tell "$n" 'done' none ''
	tidy
	unlock
	return 0
}
