# settle NONCE: waits for a change that may be under way, puts right what was cut off, and says how that of the nonce
# ended; `none` if it never began.
settle() {
	lock 300
	case $? in
	1) finish failed conflict 'another change is under way on this node' ;;
	2) finish failed io "$state cannot be written" ;;
	esac
	last_of=''
	put_right || finish broken io "$last_text"
	if [ -z "$last_of" ] && [ -f "$state/last" ] && read -r last_of last <"$state/last"; then
		last_text=$(sed 1d "$state/last")
	fi
	if [ "$last_of" = "$1" ]; then finish "${last% *}" "${last#* }" "$last_text"; fi
	finish none none ''
}
