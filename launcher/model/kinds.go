package model

import (
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// kind is one thing that can be wrong with an entry.
type kind int

const (
	tooMany kind = iota
	unlisted
	special
	linkOut
	linkDangling
	worldWritable
	unreadable
	unreadableTheirs
	unreadableGroup
	groupWritable
	foreign
	setuid
	credential
	likelySecret
	kinds // how many there are
)

// kindFacts describes the kinds in the order of the report. In a hint, TREE
// stands for the path of the tree, WORKLOAD and USER for its reader and FIRST for the first entry.
var kindFacts = [kinds]struct {
	control, what, hint string
	fatal               bool
}{
	tooMany: {audit.ModelNoLinksOut.ID, "more entries, links or levels than a model tree has", "point --models at the models alone", true},
	unlisted: {audit.DeclaredIdentity.ID, "cannot be looked into, not even by you",
		"find TREE ! -readable -ls", true},
	special: {audit.ModelNoLinksOut.ID, "FIFO, socket or device; a model tree holds files and directories only",
		"rm -i FIRST", true},
	linkOut: {audit.ModelNoLinksOut.ID, "symbolic link that is absolute or leaves the tree, and so breaks in the container",
		"copy the tree with its links followed: cp -rL TREE ~/models; in a Hugging Face cache point --models at the models--… directory", true},
	linkDangling: {audit.ModelNoLinksOut.ID, "symbolic link to nothing", "find TREE -xtype l -ls", true},
	worldWritable: {audit.ModelNotWritable.ID, "writable by every user of this host, who could change the answers of the model",
		"chmod -R o-w TREE", true},
	unreadable: {audit.DeclaredIdentity.ID, "not readable by the workload, which runs as WORKLOAD and has no other groups",
		"chmod -R u+rX TREE", true},
	unreadableTheirs: {audit.DeclaredIdentity.ID, "another user's, and not readable by the workload, which runs as WORKLOAD and has no other groups",
		"ask their owner, or as root: setfacl -R -m u:USER:rX TREE; or give --models a copy of your own", true},
	unreadableGroup: {audit.DeclaredIdentity.ID, "readable by you only through a group that the workload lacks: of your supplementary groups it has none, and it runs as WORKLOAD",
		"a copy of your own: cp -rL TREE ~/models; or their owner: setfacl -R -m u:USER:rX TREE", true},
	groupWritable: {audit.ModelNotWritable.ID, "writable by a group that is not your primary one", "chmod -R g-w TREE", false},
	foreign: {audit.ModelReadable.ID, "owned neither by you nor by root; a high uid is a container's, and files of your own containers come back with podman unshare chown -R 0:0 TREE",
		"ls -lan TREE", false},
	setuid: {audit.ModelNoLinksOut.ID, "with the setuid or setgid bit, which the nosuid mount makes inert", "chmod -R ug-s TREE", false},
	credential: {audit.ModelsOnly.ID, "a key or a token by its name, which the workload could read and send away",
		"point --models at a directory that holds the models alone", true},
	likelySecret: {audit.ModelsOnly.ID, "by its name perhaps a key, a token or a password, which the workload could read",
		"ls -l FIRST; move what is a secret out of TREE", false},
}

// problems turns what the walk found into sentences.
func (w *walk) problems(res *Result) []audit.Problem {
	w.links(res)
	var out []audit.Problem
	for k := range kinds {
		s := &w.whole.found[k]
		if s.count == 0 {
			continue
		}
		f := kindFacts[k]
		fill := strings.NewReplacer("TREE", Quote(res.Path), "FIRST", Quote(inTree(res, s.paths[0])),
			"USER", fmt.Sprint(w.reader.UID), "WORKLOAD", w.reader.String())
		message := fmt.Sprintf("%s in %q: %s", entries(s), res.Path, fill.Replace(f.what))
		hint := fill.Replace(f.hint)
		if own := w.tree.Identity.UID; (k == unreadable || k == unreadableGroup || k == unreadableTheirs) && w.reader.UID != own {
			hint = mapped
		}
		out = append(out, audit.Problem{Control: f.control, Message: message, Hint: hint, Fatal: f.fatal})
	}
	return out
}

func inTree(res *Result, path string) string {
	if !res.Dir || path == "." {
		return res.Path
	}
	return join(res.Path, path)
}

// entries writes a sample: "a", "b" and 5 more.
func entries(s *sample) string {
	quoted := make([]string, len(s.paths))
	for i, path := range s.paths {
		quoted[i] = fmt.Sprintf("%q", path)
	}
	out := strings.Join(quoted, ", ")
	if more := s.count - int64(len(s.paths)); more > 0 {
		out += fmt.Sprintf(" and %d more", more)
	}
	return out
}
