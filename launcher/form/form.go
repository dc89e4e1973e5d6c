// Package form holds what the readers of foreign runs have in common: a run as
// somebody else wrote it, with the words it was written in.
//
// A reader gives a [Reading]: the stated spec, and for every setting the words
// that decided it, so that a finding can point at them. Nothing is expanded or
// guessed: what only a shell, an image or a host could tell is listed as open.
package form

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Reading is one foreign run.
type Reading struct {
	// Subject names the run for people and for baselines: the file and, where it
	// holds several, the name of the run or its ordinal: "web.container",
	// "start.sh#2", "command line".
	Subject string
	File    string          // as it was given; "" for a command line
	Engine  string          // podman or docker
	Unit    bool            // it is a unit, whose words are its lines
	Name    string          // of the run among those of its file, where that gives it one
	Form    string          // what else than a line or a unit it stands in, by its form: "compose"; its words are KEY: VALUE
	Spec    *container.Spec // as stated; every collection is complete, but those that Open names
	Words   []Word          // the source in order
	// At lists the words that decided a setting, the option's own first:
	// {"cap_add",""} → --cap-add, SYS_ADMIN.
	At map[container.Path][]int
	// Open is what was not understood or cannot be known, in source order.
	Open []Open
	// Aside is what the source says and no setting holds, in source order: no control asks
	// for it, and what is written of the run anew has none of it. At is the setting that it
	// changes all the same; zero: the container is the same without it.
	Aside []Open
	// Networks are those that whatever reads the source makes first.
	Networks []string
	// Pod is what a pod says beside its settings; nil where the reading is of a
	// container.
	Pod *Pod
	// Service lists the keys of a unit's [Service] that look like hardening, do
	// nothing for the container, and may stop it; At has their words under
	// {"service", KEY}.
	Service []string
	// Notes are what else a person is told.
	Notes []string
	// Lines is the text of a unit or script, for reports that show it; nil for a
	// command line.
	Lines []string
}

// Pod is a pod: what Spec of its reading holds is of its infra container, and of its
// members as far as the package podjoin says.
type Pod struct {
	Name   string // "" where it is not said, or only a shell knows it
	IDFile string // where its id is written, for --pod-id-file of its members; "" nowhere
	// Share are the namespaces that its members have from its infra container, in
	// Podman's words: ipc, net, uts, pid, cgroup. A user namespace that it states
	// is always shared.
	Share []string
	// NoInfra tells that there is no infra container: its members share nothing.
	NoInfra bool
	// Unsure tells that Share is not known.
	Unsure bool
}

// Anew is a reading, and what its spec is to be.
type Anew struct {
	*Reading
	Want *container.Spec
}

// Changed are the settings that are to be others.
func (a Anew) Changed() []container.Path {
	var out []container.Path
	for _, row := range container.All() {
		if container.Equal(row, a.Reading.Spec, a.Want) {
			continue
		}
		seen := map[container.Path]bool{}
		for _, s := range slices.Concat(row.Settings(a.Reading.Spec), row.Settings(a.Want)) {
			if p := s.Path; !seen[p] && !container.Equal(row, container.Part(a.Reading.Spec, p), container.Part(a.Want, p)) {
				out = append(out, p)
			}
			seen[s.Path] = true
		}
	}
	return out
}

// Word is a word of the source and where it stands.
type Word struct {
	Text string // unquoted, as the program would get it; of a unit KEY=VALUE
	Line int    // from 1; 0 where the source is an argument vector
	Col  int    // from 1, in bytes
	// Raw is the word as it was written, or quoted anew where a variable of the script
	// was put in; "" is that another program makes it while the script runs.
	Raw string
	// File is the file it stands in where that is not the reading's own: a drop-in
	// or a linked unit.
	File string
}

// Open is a thing a reader could not understand or know.
type Open struct {
	At   container.Path // the setting it leaves open; zero: which one is not known
	Word int            // index into Words; -1 none
	Why  string         // "--frobnicate is no option of podman run", "$MODELS is expanded by the shell"
	// Unknown tells that the source is wrong or unknown to zlaunch, rather than
	// merely open: an option that does not exist.
	Unknown bool
	// Vague tells of a text in a language that is not read that nothing in it names an engine
	// or describes a container: it might start one all the same.
	Vague bool
}
