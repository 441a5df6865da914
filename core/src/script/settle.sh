# settle NONCE: waits for a change that may be under way, puts right what was cut off, and says how that of the nonce
# ended; `none` if it never began.
settle() {
	lock 300
	case $? in
	1) finish_unlocked failed conflict 'another change is under way on this node' ;;
	2) finish_unlocked failed io "$state cannot be written" ;;
	esac
	put_right || finish_unlocked broken io "$(sed 1d "$state/last")"
	if [ -f "$state/last" ] && read -r m k i t <"$state/last" && [ "$m" = "$1" ]; then
		finish_unlocked "$k" "$i" "$(sed 1d "$state/last")"
	fi
	finish_unlocked none none ''
}

# finish_unlocked WORD KIND TEXT: the last answer; what is known of earlier changes stays.
finish_unlocked() {
	[ -n "$locked" ] && rm -rf "$state/lock.d"
	frame "end $1 $2" "$3"
	exit 0
}
