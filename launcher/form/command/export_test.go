package command

import "github.com/zlaunch/zlaunch/launcher/container"

// Answer is the answer of one option, for the tests that hold the tables.
type Answer struct {
	Name, Harmless, Opens string
	Row                   container.Row
	Also                  []container.Row
	Boolean, Global       bool
}

// Answers are those of an engine's options, behind the verb or in front of it alone.
func Answers(ofDocker, front bool) []Answer {
	e := podman
	if ofDocker {
		e = docker
	}
	t := tablesOf(e).run
	if front {
		t = tablesOf(e).front
	}
	var out []Answer
	for _, n := range t.names {
		o := t.long[n]
		out = append(out, Answer{o.name, o.harmless, o.opens, o.row, o.also, o.boolean, front})
	}
	return out
}

// Aliases are other names of options.
func Aliases() map[string]string { return aliases }

// Variable is the answer of variables.
type Variable struct {
	Names, Harmless string
	Row             container.Row
}

// Variables are those of the table.
func Variables() []Variable {
	var out []Variable
	for _, v := range variables {
		out = append(out, Variable{v.names, v.harmless, v.row})
	}
	return out
}

// Tabled tells whether a variable has an answer.
func Tabled(name string) bool { return tabled(name) }

// Strange tells whether an unknown variable opens a run.
func Strange(name string) bool { return strange(name) }
