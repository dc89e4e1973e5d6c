package host

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/trust"
)

// storageFiles are where containers/storage reads its options. All count, for an
// option of the system's holds where a user's file does not state it.
func (p programReader) storageFiles(configHome string) []string {
	files := []string{"/usr/share/containers/storage.conf", "/etc/containers/storage.conf"}
	if configHome != "" {
		files = append(files, filepath.Join(configHome, "containers/storage.conf"))
	}
	for _, name := range []string{"CONTAINERS_STORAGE_CONF", "CONTAINERS_STORAGE_CONF_OVERRIDE"} {
		if file := p.src.env(name); file != "" {
			files = append(files, file)
		}
	}
	return files
}

// mounters are the programs that make the container's root file system, and the
// stores whose layers it is made of, where somebody else may exchange them.
func (p programReader) mounters(configHome string) []Program {
	var out []Program
	for _, file := range p.storageFiles(configHome) {
		b, err := p.src.read(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var doc map[string]any
		if err == nil {
			err = decode(b, &doc)
		}
		if err != nil {
			out = append(out, Program{Key: "storage.options", File: file, Path: file, Why: err.Error()})
			continue
		}
		out = append(out, p.storageOptions(file, doc)...)
	}
	for _, kv := range strings.Split(p.src.env("STORAGE_OPTS"), ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(kv), "=")
		_, option, _ := strings.Cut(key, ".")
		out = append(out, p.storageOption(Program{Key: key, File: "STORAGE_OPTS"}, option, value)...)
	}
	return out
}

// storageOptions reads [storage.options] and the tables of the drivers below it.
func (p programReader) storageOptions(file string, doc map[string]any) []Program {
	storage, err := spelt(doc, "storage")
	table, _ := storage.(map[string]any)
	options, err2 := spelt(table, "options")
	table, _ = options.(map[string]any)
	out := p.storageTable(Program{Key: "storage.options", File: file}, table, errors.Join(err, err2))
	for _, driver := range []string{"overlay", "vfs"} {
		v, err := spelt(table, driver)
		below, _ := v.(map[string]any)
		out = append(out, p.storageTable(Program{Key: "storage.options." + driver, File: file}, below, err)...)
	}
	return out
}

func (p programReader) storageTable(from Program, table map[string]any, err error) []Program {
	var out []Program
	for _, option := range []string{"mount_program", "additionalimagestores", "additionallayerstores", "imagestore"} {
		v, oddity := spelt(table, option)
		if err = errors.Join(err, oddity); err != nil {
			from.Path, from.Why = from.File, err.Error()
			return []Program{from}
		}
		in := from
		in.Key += "." + option
		list, _ := v.([]any)
		for _, item := range append(list, v) {
			text, _ := item.(string)
			out = append(out, p.storageOption(in, option, text)...)
		}
	}
	return out
}

// storageOption judges one option. A store may be the caller's own, a program not.
func (p programReader) storageOption(from Program, option, value string) []Program {
	switch {
	case value == "":
		return nil
	case strings.EqualFold(option, "mount_program"):
		return p.judged(from, value)
	case !strings.Contains(strings.ToLower(option), "store"):
		return nil
	}
	from.Path = strings.TrimSuffix(value, ":ref")
	if err := trust.Caller().Path(p.src.at(from.Path)); err != nil {
		from.Why = err.Error()
		return []Program{from}
	}
	return nil
}
