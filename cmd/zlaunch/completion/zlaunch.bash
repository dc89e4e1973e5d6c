# bash completion for zlaunch. Words come from zlaunch itself and are never
# expanded; where it knows none, files are offered.
_zlaunch() {
	mapfile -t COMPREPLY < <(zlaunch __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _zlaunch zlaunch
