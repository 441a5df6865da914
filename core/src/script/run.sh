# run INDEX SECONDS COMMAND...: what it printed last, and its status.
run() {
	i=$1
	shift
	if command -v "$2" >/dev/null 2>&1; then
		o=$(limited "$@" 2>&1)
		s=$?
		frame "$i ran $s" "$(printf %s "$o" | tail -c 4096)"
	else
		frame "$i absent" ''
	fi
}
