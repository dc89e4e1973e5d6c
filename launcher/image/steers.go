package image

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/engine"
)

// Steer is one way in which an image steers who runs it, as [engine.Ways] has it.
type Steer struct {
	engine.Way
	Key     string          // what the image says, as "label[run]" or "Env[AWS_*]"
	Falls   Falling         // the engine that was asked about
	Advised engine.Advisory // its zero value where there is none
}

// Falling tells whether an engine of some version falls for an advisory, by its number.
type Falling string

// What an engine does.
const (
	Falls       Falling = "falls for it"
	Spared      Falling = "is not affected"
	NotAdvised  Falling = ""
	FallUnknown Falling = "unknown"
)

// Steers lists all that an image says and somebody obeys, the refused first, then those that
// a run states otherwise; version is the engine's, "" unknown. Harmless ones are the last.
func Steers(facts *effective.Image, c *Config, links []string, version string) []Steer {
	var out []Steer
	add := func(key string, w engine.Way, ok bool) {
		if ok {
			out = append(out, steer(key, w, version))
		}
	}
	for in, said := range map[engine.Place]map[string]string{engine.Annotation: facts.Annotations, engine.Label: facts.Labels} {
		for name := range said {
			w, ok := engine.WayOf(in, name)
			add(string(in)+"["+name+"]", w, ok)
		}
	}
	for _, kv := range facts.Env {
		if name, _, valued := strings.Cut(kv, "="); !valued || name == "" {
			w, ok := configWay("Env without =")
			add("Env["+name+"]", w, ok)
		}
	}
	for _, link := range links {
		w, ok := configWay("WorkingDir through a link")
		add("WorkingDir["+link+"]", w, ok)
	}
	for _, field := range fields(facts, c) {
		w, ok := configWay(field)
		add(field, w, ok)
	}
	slices.SortFunc(out, func(a, b Steer) int {
		if d := slices.Index(gravity, a.Answer) - slices.Index(gravity, b.Answer); d != 0 {
			return d
		}
		return strings.Compare(a.Key, b.Key)
	})
	return out
}

// gravity orders the answers.
var gravity = []engine.Answer{engine.Refuse, engine.Override, engine.Stated, engine.Harmless}

// fields are the fields of a configuration that say something, by their names.
func fields(facts *effective.Image, c *Config) []string {
	var out []string
	for _, f := range []struct {
		name string
		says bool
	}{
		{"User", facts.User != ""}, {"Env", len(facts.Env) > 0}, {"WorkingDir", facts.Workdir != ""},
		{"Entrypoint", len(facts.Entrypoint) > 0}, {"Cmd", len(facts.Cmd) > 0}, {"Volumes", len(facts.Volumes) > 0},
		{"ExposedPorts", len(facts.Exposed) > 0}, {"StopSignal", facts.StopSignal != ""},
		{"Healthcheck", c.Config.Healthcheck != nil}, {"Shell", len(c.Config.Shell) > 0}, {"OnBuild", len(c.Config.OnBuild) > 0},
	} {
		if f.says {
			out = append(out, f.name)
		}
	}
	return out
}

func configWay(name string) (engine.Way, bool) {
	i := slices.IndexFunc(engine.Ways, func(w engine.Way) bool { return w.In == engine.Config && w.Name == name })
	if i < 0 {
		return engine.Way{}, false
	}
	return engine.Ways[i], true
}

func steer(key string, w engine.Way, version string) Steer {
	s := Steer{Way: w, Key: key}
	i := slices.IndexFunc(engine.Advisories, func(a engine.Advisory) bool { return a.ID == w.Advisory })
	if i < 0 {
		return s
	}
	s.Advised, s.Falls = engine.Advisories[i], FallUnknown
	if v, ok := engine.ParseVersion(version); ok {
		s.Falls = Spared
		if s.Advised.In(v) {
			s.Falls = Falls
		}
	}
	return s
}
