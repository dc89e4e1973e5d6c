package main

import (
	"context"
	"errors"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/report"
)

var cmdExplain = &command{
	usage: "explain [OPTION]... CONTROL...",
	short: "say what a control demands, why, how to meet it, and who else asks for it",
	long: `Prints entries of the catalogue, which is in the program: nothing is asked of a network. CONTROL is an id such as ZL-708, its number, or its name.

With --all it lists the whole catalogue, those controls too that zlaunch knows of and does not judge yet.`,
	example: []string{"zlaunch explain ZL-708", "zlaunch explain cap-drop-all", "zlaunch explain --all"},
	complete: func(*stdio, []string) []string {
		var out []string
		for _, c := range audit.Catalogue() {
			out = append(out, c.ID)
		}
		return out
	},
	bind: func(fs *pflag.FlagSet) runFunc {
		all := fs.Bool("all", false, "list every control")
		json := fs.Bool("json", false, "print JSON")
		return func(_ context.Context, std *stdio, args arguments) error {
			if *all == (len(args.words) > 0) {
				return &usageError{hint.Errorf("zlaunch explain --all", "name a control, or give --all")}
			}
			if len(args.workload) > 0 {
				return &usageError{errors.New("there is no workload to give anything to")}
			}
			if *all {
				return explainAll(std, *json)
			}
			return explain(std, args.words, *json)
		}
	},
}

func explainAll(std *stdio, json bool) error {
	if json {
		return report.JSON(std.out, report.CatalogueDocument())
	}
	return report.ExplainAll(std.page, std.screen)
}

func explain(std *stdio, words []string, json bool) error {
	var found []*audit.Control
	for _, w := range words {
		c := audit.Find(w)
		if c == nil {
			return unknownControl(w)
		}
		found = append(found, c)
	}
	if json {
		return report.JSON(std.out, report.ControlsDocument(found))
	}
	for _, c := range found {
		if err := report.Explain(std.page, c, std.screen); err != nil {
			return err
		}
	}
	return nil
}

// unknownControl tells a control that is not built from a word that is none.
func unknownControl(word string) error {
	for _, u := range audit.NotBuilt() {
		if u.ID == word || u.Name == word {
			return hint.Errorf("zlaunch explain --all", "explaining %s (%s): zlaunch does not judge it yet: %s", u.ID, u.Title, u.Because)
		}
	}
	var words []string
	for _, c := range audit.Catalogue() {
		words = append(words, c.ID, c.Name)
	}
	next := "zlaunch explain --all"
	if near := hint.Nearest(word, words); near != "" {
		next = "did you mean " + near + "?"
	}
	return hint.Errorf(next, "explaining %q: no such control", word)
}
