package main

import (
	"slices"
	"strings"
	"testing"
)

// A word of a command is explained by the command's help; any other is none.
func TestHelpWord(t *testing.T) {
	w := newWorld(t)
	for _, s := range []step{
		{"help scan show", 0, "Usage: zlaunch scan", ""},
		{"help model verify", 0, "Usage: zlaunch model", ""},
		{"help token add", 0, "Usage: zlaunch token", ""},
		{"help scan sohw", 2, "", `scan: there is no "sohw" to explain`},
		{"help waivers show", 2, "", "hint: zlaunch help waivers"},
		{"help run triton", 2, "", "hint: zlaunch help run"},
		{"help run a b", 2, "", `unexpected argument "b"`},
	} {
		w.step(t, s)
	}
	if got := find("model").verbs(); !slices.Equal(got, modelVerbNames()) {
		t.Errorf("%q", got)
	}
}

// Every kind of command has its own list of statuses under a heading, with no status twice.
func TestExitLists(t *testing.T) {
	w := newWorld(t)
	w.step(t, step{line: "help exit-codes", out: "Of run"})
	if lists := exitLists(); len(lists) != 4 || lists[3].title != "Of every other command" || !strings.Contains(lists[2].title, "model") {
		t.Errorf("%+v", lists)
	}
	for _, l := range exitLists() {
		seen := map[string]bool{}
		for _, term := range l.terms {
			if seen[term[0]] {
				t.Errorf("%s: %s stands twice", l.title, term[0])
			}
			seen[term[0]] = true
		}
	}
	w.step(t, step{line: "help --man exit-codes", out: ".PP\nOf every other command:"})
}
