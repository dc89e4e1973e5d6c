package plan

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/model/store"
)

// Recorded are the options as a launch record keeps them, to plan the run again: paths
// are absolute, and what may be a secret is hidden.
func (o Options) Recorded() (json.RawMessage, error) {
	t := &o.ModelTrust
	t.Keys, t.Authorities = slices.Clone(t.Keys), slices.Clone(t.Authorities)
	paths := []*string{&o.Models, &o.Output, &t.Signature}
	if o.Scanning != nil {
		of := *o.Scanning
		o.Scanning, paths = &of, append(paths, &of.Image, &of.Database)
	}
	for _, files := range [][]string{t.Keys, t.Authorities} {
		for i := range files {
			paths = append(paths, &files[i])
		}
	}
	for _, dir := range paths {
		if *dir == "" || store.IsRef(*dir) {
			continue
		}
		abs, err := filepath.Abs(*dir)
		if err != nil {
			return nil, err
		}
		*dir = abs
	}
	o.Env = slices.Clone(o.Env)
	for i, kv := range o.Env {
		name, _, _ := strings.Cut(kv, "=")
		o.Env[i] = name + "=" + container.Redacted
	}
	o.Args, o.PodmanArgs = container.MaskArgs(o.Args), container.MaskArgs(o.PodmanArgs)
	return json.Marshal(o)
}

// Again are the options that [Options.Recorded] wrote. Hidden values are
// [container.Redacted]; [record.Record.Reveal] knows them in the plan.
func Again(recorded json.RawMessage) (o Options, err error) {
	err = json.Unmarshal(recorded, &o)
	return o, err
}

// Over is o, with what far says where o says nothing.
func (o Options) Over(far Options) Options {
	near, out := reflect.ValueOf(o), reflect.ValueOf(&far).Elem()
	for i := range near.NumField() {
		if f := near.Field(i); !f.IsZero() {
			out.Field(i).Set(f)
		}
	}
	return far
}

// TakenPort is the origin of a port that a launch chose since the planned one was taken.
const TakenPort = "the planned port was taken"
