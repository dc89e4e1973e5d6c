package host

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/trust"
)

// Program is a program that containers.conf has the engine run as the caller, outside
// of the container, and that is not root's alone.
type Program struct {
	Key  string // of containers.conf
	File string // that sets it
	Path string
	Why  string // "/home/ann/runc is not root's"
}

// programs lists what containers.conf brings in beside what the distribution
// installed: the OCI runtime, conmon, the init and the network programs, what is
// handed to them, and the directories they are searched in. Where no file says
// anything Podman takes them from root's directories.
func (s Source) programs(c *Conf) []Program {
	var out []Program
	for _, key := range []string{"engine.network_cmd_path", "engine.init_path"} {
		out = append(out, s.judged(c, key, c.String(key))...)
	}
	out = append(out, s.judged(c, "engine.conmon_path", s.first(c.Strings("engine.conmon_path")))...)
	for _, dir := range c.Strings("engine.helper_binaries_dir") {
		out = append(out, s.judged(c, "engine.helper_binaries_dir", dir)...)
	}
	for _, kv := range c.Strings("engine.conmon_env_vars") {
		if name, _, _ := strings.Cut(kv, "="); name != "PATH" {
			out = append(out, c.program("engine.conmon_env_vars", name, "it is a variable of conmon's and the runtime's"))
		}
	}
	return append(out, s.runtimes(c)...)
}

// runtimes judges the OCI runtime: a path, or a name whose paths a table has, and
// what it is started with.
func (s Source) runtimes(c *Conf) []Program {
	var out []Program
	names := []string{"crun", "runc"} // which of them Podman takes where nothing is said
	if name := c.String("engine.runtime"); strings.Contains(name, "/") {
		return s.judged(c, "engine.runtime", name)
	} else if name != "" {
		names = []string{name}
	}
	for _, name := range names {
		out = append(out, s.judged(c, "engine.runtimes", s.first(c.table("engine.runtimes", name)))...)
		if flags := c.table("engine.runtimes_flags", name); len(flags) > 0 {
			out = append(out, c.program("engine.runtimes_flags", name, fmt.Sprintf("it is started with %q", flags)))
		}
	}
	return out
}

// table is a list in a table of containers.conf.
func (c *Conf) table(key, name string) []string {
	set := c.Get(key)
	if set == nil {
		return nil
	}
	rows, _ := set.Value.(map[string]any)
	list, _ := rows[name].([]any)
	var out []string
	for _, v := range list {
		if text, ok := v.(string); ok {
			out = append(out, text)
		}
	}
	return out
}

// first is the first path that is there, which Podman takes too.
func (s Source) first(paths []string) string {
	i := slices.IndexFunc(paths, s.exists)
	if i < 0 {
		return ""
	}
	return paths[i]
}

// judged is the program at path, where somebody beside root may exchange it; both the
// path as it is written and what its links lead to count.
func (s Source) judged(c *Conf, key, path string) []Program {
	if path == "" || !s.exists(path) {
		return nil
	}
	real, err := filepath.EvalSymlinks(s.at(path))
	if err != nil {
		return []Program{c.program(key, path, "it cannot be looked at")}
	}
	why := trust.Program(real)
	if written := s.at(filepath.Dir(path)); why == "" && s.Root == "" {
		if dir, err := filepath.EvalSymlinks(written); err == nil {
			why = trust.Program(dir)
		}
	}
	if why == "" {
		return nil
	}
	return []Program{c.program(key, path, why)}
}

func (c *Conf) program(key, path, why string) Program {
	return Program{Key: key, File: c.Get(key).Origin().File, Path: path, Why: why}
}
