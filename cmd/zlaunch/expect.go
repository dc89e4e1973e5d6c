package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// maxExpect bounds one file of what is expected, in bytes; one has some 8 KiB.
const maxExpect = 1 << 20

// expectations are the files PROFILE.ARCH.json that a team keeps in DIR/expect.
type expectations struct {
	dir     string // DIR/expect, absolute
	shown   string // the same as it was typed
	sources []profile.Source
}

// now is what each file would hold, by its name. Profiles are laid over the built-in ones
// alone: the files of a system are of one host.
func (e expectations) now() (map[string]string, error) {
	out := map[string]string{}
	built, _, err := profile.Sources(profile.Dirs{})
	if err != nil {
		return nil, err
	}
	c := profile.Assemble(append(built, e.sources...))
	for _, name := range c.Runnable(container.LayerBundle) {
		one, err := c.ResolveBare(name, hostArch)
		if err != nil {
			return nil, fmt.Errorf("working out what to expect, without the profiles of this system: %w", err)
		}
		for _, arch := range one.Archs {
			if out[name+"."+arch+".json"], err = comesTo(c, name, arch); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// comesTo is the text of what a profile comes to on an architecture.
func comesTo(c *profile.Catalog, name, arch string) (string, error) {
	pl, p, err := plan.OnAnyHost(c, name, arch)
	if err != nil {
		return "", err
	}
	var lines []report.Line
	for _, l := range report.Lines(p.Effective) {
		switch {
		case l.Setting.Key == container.Labels.Key() && strings.HasPrefix(l.Setting.Elem, "io.zlaunch."): // say what the others do
		case l.Setting.Key == container.SeccompFilter.Key(): // is that of this host's architecture
		case l.Setting.Key == container.SeccompProfile.Key():
			l.Value, _, _ = container.SeccompProfile.Get(p.Profile.Stated) // a word, where a run has a file of this host
			fallthrough
		default:
			lines = append(lines, l)
		}
	}
	e, err := report.NewExpect(name, arch, lines, audit.Waive(audit.Judge(pl.Judged(p)), p.Waivers, time.Now()))
	if err != nil {
		return "", err
	}
	return e.Text()
}

// files lists the names of the files that are there.
func (e expectations) files() ([]string, error) {
	entries, err := os.ReadDir(e.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, f := range entries {
		if filepath.Ext(f.Name()) == ".json" {
			out = append(out, f.Name())
		}
	}
	return out, err
}

// check shows every difference between what is expected and what is. A profile without a
// file is expected to be anything.
func (e expectations) check(std *stdio) error {
	names, err := e.files()
	if err != nil || len(names) == 0 {
		return err
	}
	now, err := e.now()
	if err != nil {
		return err
	}
	differ := 0
	for _, name := range names {
		at := filepath.Join(e.shown, name)
		want, err := e.read(name)
		if err != nil {
			return hint.Wrap(fmt.Errorf("reading %s: %w", at, err), "zlaunch push --update-expect "+filepath.Dir(e.shown))
		}
		text, _ := report.Patch(at, want, now[name], false)
		if text != "" {
			differ++
			fmt.Fprint(std.out, text)
		}
	}
	if differ == 0 {
		return nil
	}
	return &statusError{exitFindings, hint.Errorf("if that is meant: zlaunch push --update-expect "+filepath.Dir(e.shown),
		"%d of %d files of %s differ from what the profiles come to, and nothing was published", differ, len(names), e.shown)}
}

// read gives the text of a file as it is written here.
func (e expectations) read(name string) (string, error) {
	info, err := os.Stat(filepath.Join(e.dir, name))
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || info.Size() > maxExpect {
		return "", fmt.Errorf("it is no regular file of at most %d bytes", maxExpect)
	}
	data, err := os.ReadFile(filepath.Join(e.dir, name))
	if err != nil {
		return "", err
	}
	var want report.Expect
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&want); err != nil {
		return "", err
	}
	if d.More() || want.Schema != report.ExpectSchema || want.Profile+"."+want.Arch+".json" != name {
		return "", fmt.Errorf("it is not %s of the profile and the architecture that it is named by", report.ExpectSchema)
	}
	return want.Text()
}

// update writes every file anew, and takes out those of what is gone.
func (e expectations) update(std *stdio) error {
	names, err := e.files()
	if err != nil {
		return err
	}
	now, err := e.now()
	if err != nil {
		return err
	}
	names = slices.AppendSeq(names, maps.Keys(now))
	slices.Sort(names)
	if err := os.MkdirAll(e.dir, 0o755); err != nil {
		return err
	}
	for _, name := range slices.Compact(names) {
		path, text := filepath.Join(e.dir, name), now[name]
		if old, err := os.ReadFile(path); err == nil && string(old) == text {
			continue
		}
		done, err := "removed", error(nil)
		if text == "" {
			err = os.Remove(path)
		} else {
			done, err = "written", os.WriteFile(path, []byte(text), 0o644)
		}
		if err != nil {
			return fmt.Errorf("updating what is expected: %w", err)
		}
		std.note("%s is %s", filepath.Join(e.shown, name), done)
	}
	return nil
}
