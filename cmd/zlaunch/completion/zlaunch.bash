# bash completion for zlaunch. Words come from zlaunch itself and are never
# expanded; where it knows none, files are offered.
_zlaunch() {
	local word last='' breaks='' head='' words=()
	[[ $COMP_WORDBREAKS == *=* ]] && breaks+='='
	[[ $COMP_WORDBREAKS == *:* ]] && breaks+=':'
	# bash parts --pull=n and 9000:http at these marks, and completes what is behind.
	for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
		if [[ -n $breaks && ${#words[@]} -gt 1 && ( $word == ["$breaks"]* || $last == *["$breaks"] ) ]]; then
			words[${#words[@]} - 1]+=$word
		else
			words+=("$word")
		fi
		last=$word
	done
	word=${words[${#words[@]} - 1]}
	[[ -n $breaks && $word == *["$breaks"]* ]] && head=${word%"${word##*["$breaks"]}"}
	mapfile -t COMPREPLY < <(zlaunch __complete -- "${words[@]}" 2>/dev/null)
	COMPREPLY=("${COMPREPLY[@]#"$head"}")
	[[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=:] ]] && compopt -o nospace 2>/dev/null
	return 0
}
complete -o default -F _zlaunch zlaunch
