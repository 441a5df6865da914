# settle NONCE: waits for a change that may be under way, puts right what was cut off, and says how that of the nonce
# ended; `none` if it never began.
settle() {
	lock 300
	case $? in
	1) finish failed conflict 'another change is under way on this node' ;;
	2) finish failed io "$state cannot be written" ;;
	esac
	put_right || finish broken io "$(sed 1d "$state/last")"
	if [ -f "$state/last" ] && read -r m k i <"$state/last" && [ "$m" = "$1" ]; then
		finish "$k" "$i" "$(sed 1d "$state/last")"
	fi
	finish none none ''
}
