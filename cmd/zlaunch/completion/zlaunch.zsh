#compdef zlaunch
# zsh completion for zlaunch. Words come from zlaunch itself; where it knows
# none, files are offered.
_zlaunch() {
	local -a found
	found=("${(@f)$(zlaunch __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
	found=(${found:#})
	if (( ${#found} )); then
		compadd -- "${(@)found:#*[=:]}"
		compadd -S '' -- "${(@M)found:#*[=:]}"
	else
		_files
	fi
}
if [ "$funcstack[1]" = "_zlaunch" ]; then
	_zlaunch "$@"
else
	compdef _zlaunch zlaunch
fi
