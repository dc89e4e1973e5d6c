package textfile

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/shell"
)

// lineLists are the keys of lists of which each item is a script of its own. Under other
// keys a list may also be the words of one command.
var lineLists = strings.Fields(`script before_script after_script run steps cmds commands runcmd bootcmd install before_install
	after_success tasks`)

// list reads a list as the words of one command that is run without a shell; false is
// that it is none, and its items are read one by one. Who runs a list is not known: where
// an item is a run by itself, as in GitLab's scripts, it is read as that.
func (d *documentReader) list(key string, n *yaml.Node, item bool) bool {
	words, named := make([]string, 0, len(n.Content)), false
	for _, c := range n.Content {
		if c.Kind != yaml.ScalarNode {
			return false
		}
		named = named || len(shell.Mentions(c.Value, nil)) > 0 || looksLikeRun(c.Value)
		words = append(words, c.Value)
	}
	switch {
	case len(words) < 2 || !named:
		return false
	case slices.Contains(names, key) || key == "name" && !slices.ContainsFunc(words, func(w string) bool { return !plainName(w) }):
		return false
	case !item && slices.Contains(lineLists, key), strings.ContainsAny(words[0], " \t\n"):
		return false
	}
	for i, w := range words {
		if strings.ContainsAny(strings.TrimSpace(w), " \t\n") && runPhrase().MatchString(w) && !slices.ContainsFunc(words[:i], takesText) {
			return false
		}
	}
	return d.argv(words, d.placeOf(n))
}

// placeOf is where the words of a list begin.
func (d *documentReader) placeOf(n *yaml.Node) piece {
	return piece{line: d.base + n.Content[0].Line, cols: []int{d.indent + n.Content[0].Column - 1}}
}

// takesText tells whether a word is the option of a shell that a text follows: -c, -lc.
func takesText(w string) bool { return strings.HasPrefix(w, "-") && strings.HasSuffix(w, "c") }

// plainName tells whether a word is a name, and neither an option nor a command line.
func plainName(w string) bool { return !strings.HasPrefix(w, "-") && !strings.ContainsAny(w, " \t\n") }

// bare tells whether a text is the name of an engine and nothing else.
func bare(s string) bool {
	return len(shell.Mentions(s, nil)) > 0 && !strings.ContainsAny(strings.TrimSpace(s), " \t\n")
}

// programs are the keys that name a program, or an image of one, beside a list of its
// arguments; see [documentReader.commandAndArgs].
var programs = strings.Fields("command cmd entrypoint program executable path exec binary name image")

// commandAndArgs reads a mapping that names a program and, apart, its arguments, as tasks
// of editors and steps of Cloud Build do, and returns what it read. Where the arguments
// begin a run and the program is none that is known, they are open.
func (d *documentReader) commandAndArgs(n *yaml.Node) []*yaml.Node {
	args := field(n, "args")
	if args == nil {
		args = field(n, "arguments")
	}
	if args == nil || args.Kind != yaml.SequenceNode || len(args.Content) == 0 {
		return nil
	}
	var words []string
	for _, c := range args.Content {
		words = append(words, c.Value)
	}
	for _, key := range programs {
		if p := field(n, key); p != nil && command.IsEngine(path.Base(p.Value)) {
			if d.argv(append([]string{path.Base(p.Value)}, words...), d.placeOf(args)) {
				return []*yaml.Node{p, args}
			}
		}
	}
	if slices.Contains([]string{"run", "create", "exec"}, words[0]) && looksLikeRun(strings.Join(words, " ")) {
		d.note(d.base+args.Line, "the words of a run stand there, and are not read")
	}
	return nil
}
