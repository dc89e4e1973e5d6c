package textfile

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/form/shell"
)

// names are keys of lists of packages and the like, which start nothing.
var names = strings.Fields(`packages package pkgs apt needs tags topics keywords labels depends dependencies groups
	modules plugins`)

// labels are keys of what is only shown, and of conditions.
var labels = strings.Fields("name title description displayName label summary desc help comment when")

// scalar reads a scalar that names an engine, or is what CI runs, as a script.
func (d *documentReader) scalar(key string, n *yaml.Node) {
	named := len(shell.Mentions(n.Value, nil)) > 0 || looksLikeRun(n.Value)
	if strings.Contains(n.Value, "podman-kube@") {
		d.note(d.base+n.Line, "a unit that plays a file is named, and what is done with it is not read")
	}
	label := slices.Contains(labels, key)
	switch {
	case label && !runPhrase().MatchString(n.Value) && !looksLikeRun(n.Value):
		return
	case bare(n.Value) && (slices.Contains(names, key) || slices.Contains(images, key)): // what images name is open already
		return
	case key == "shell" && !named && !strings.ContainsAny(n.Value, " \n"): // of GitHub: the program that run: is given to
		return
	}
	if bare(n.Value) {
		d.note(d.base+n.Line, "%s stands there alone, and what is done with it is not read", bounded(n.Value))
		return
	}
	if !named {
		d.encoded(n)
	}
	if !named && !slices.Contains(scripts, key) {
		return
	}
	p := piece{text: n.Value}.untemplated()
	p.line, p.cols = d.place(n)
	if strings.HasSuffix(d.file, ".ipynb") && strings.HasPrefix(p.text, "!") { // a cell's line for a shell
		p.text = " " + p.text[1:]
	}
	if label && shell.Takes([]byte(p.text)) != nil {
		d.note(p.line, "%s: holds the words of a run, and what is done with it is not read", key)
		return
	}
	if !slices.Contains(scripts, key) && sectionHead().MatchString(n.Value) {
		d.sections(p)
		return
	}
	lost := len(shell.Mentions(p.text, nil)) < len(shell.Mentions(n.Value, nil)) // in what CI puts in
	if !d.shell(p) && named || lost {
		d.note(p.line, "what names an engine there is not read")
	}
}

// scripts are the keys of what CI gives to a shell (GitHub, GitLab, Azure, CircleCI,
// cloud-init, Ansible, Taskfile, npm).
var scripts = strings.Fields(`run script before_script after_script command commands cmd cmds runcmd bootcmd shell
	bash inlineScript postCreateCommand postStartCommand start test build prestart poststart`)

// place is where the text of a scalar begins: that of a block stands below its sign.
func (d *documentReader) place(n *yaml.Node) (line int, cols []int) {
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		col := d.indent + n.Column - 1
		if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
			col++
		}
		return d.base + n.Line, []int{col, d.indent}
	}
	at := n.Line // the first line behind the sign, from 0
	for at < len(d.source) && strings.TrimSpace(d.source[at]) == "" && !strings.HasPrefix(n.Value, "\n") {
		at++
	}
	col := 0
	if at < len(d.source) {
		col = len(d.source[at]) - len(strings.TrimLeft(d.source[at], " "))
	}
	return d.base + at + 1, []int{d.indent + col}
}
