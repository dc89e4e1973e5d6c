# fish completion for zlaunch. Words come from zlaunch itself; where it knows
# none, files are offered.
function __zlaunch_complete
	set -l words (commandline -opc) (commandline -ct)
	zlaunch __complete -- $words[2..-1] 2>/dev/null
end
complete -c zlaunch -f -n 'test -n "$(__zlaunch_complete)"' -a '(__zlaunch_complete)'
