package host

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/trust"
)

// Program is a program that the engine runs as the caller, outside of the container,
// and that is not root's alone.
type Program struct {
	Key  string // of containers.conf or storage.conf, or a variable
	File string // that sets it
	Path string
	Why  string // "/home/ann/runc is not root's"
}

// programKeys name programs, or the directories that programs are looked for in. All
// paths of a list count, for Podman passes over those that do not do: a conmon that is
// too old, a directory.
var programKeys = []string{
	"containers.init_path", "engine.init_path", "engine.network_cmd_path", "engine.conmon_path", "engine.conmonrs_path", "engine.runtime_path",
	"engine.helper_binaries_dir", "network.cni_plugin_dirs", "network.netavark_plugin_dirs",
}

// searched are the programs that Podman and what it starts look for in $PATH to run a
// container. Not here: what unpacks an image that is pulled.
var searched = []string{
	"slirp4netns", "pasta", "newuidmap", "newgidmap", "fuse-overlayfs", "fusermount3", "fusermount", "catatonit", "mkcomposefs", "mount", "nft", "iptables",
}

// programReader finds what Podman would run, in the files of a host.
type programReader struct{ src Source }

// programs lists what containers.conf, storage.conf and $PATH bring in beside what the
// distribution installed: the OCI runtime, conmon, the init, the network and the mount
// programs, what is handed to them, and the directories they are searched in. Where
// nothing says anything Podman takes them from root's directories.
func (p programReader) programs(c *Conf, configHome string) []Program {
	var out []Program
	for _, key := range programKeys {
		for _, path := range append(c.Strings(key), c.String(key)) {
			out = append(out, p.judged(c.at(key), path)...)
		}
	}
	if paths := c.Strings("engine.conmon_path"); c.Get("engine.conmon_path") != nil && p.first(paths) == "" {
		out = append(out, p.judged(c.at("engine.conmon_path"), p.inPath("conmon"))...)
	}
	out = append(out, p.variables(c)...)
	for _, name := range searched {
		out = append(out, p.judged(Program{Key: "PATH", File: "the environment"}, p.inPath(name))...)
	}
	return slices.Concat(out, p.runtimes(c), p.mounters(configHome))
}

// harmlessVariables change nothing of what the engine and its programs do.
var harmlessVariables = []string{"LANG", "LC_ALL", "TZ", "TERM", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"}

// variables are those that containers.conf sets for the engine, for conmon and for the
// runtime. LD_PRELOAD is one, and which others load code nobody knows.
func (p programReader) variables(c *Conf) []Program {
	var out []Program
	for _, key := range []string{"engine.env", "engine.conmon_env_vars"} {
		for _, kv := range c.Strings(key) {
			name, value, _ := strings.Cut(kv, "=")
			switch {
			case name == "PATH":
				for _, dir := range filepath.SplitList(value) {
					out = append(out, p.judged(c.at(key), dir)...)
				}
			case !slices.Contains(harmlessVariables, name):
				out = append(out, c.program(key, name, "it is a variable of the engine's, conmon's or the runtime's"))
			}
		}
	}
	return out
}

// runtimes judges the OCI runtime: a path, or a name whose paths a table has, and
// what it is started with. Another platform may have another one.
func (p programReader) runtimes(c *Conf) []Program {
	var out []Program
	names := []string{"crun", "runc"} // which of them Podman takes where nothing is said
	if name := c.String("engine.runtime"); name != "" {
		names = []string{name}
	}
	for _, name := range append(names, c.tableValues("engine.platform_to_oci_runtime")...) {
		if strings.Contains(name, "/") {
			out = append(out, p.judged(c.at("engine.runtime"), name)...)
			continue
		}
		out = append(out, p.judged(c.at("engine.runtimes"), p.runtime(c, name))...)
		if flags := c.table("engine.runtimes_flags", name); len(flags) > 0 {
			out = append(out, c.program("engine.runtimes_flags", name, fmt.Sprintf("it is started with %q", flags)))
		}
	}
	return out
}

// runtimeDirs are where Podman looks for a runtime of whose paths no file says anything.
var runtimeDirs = []string{"/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/sbin", "/bin", "/run/current-system/sw/bin"}

// runtime is the program that Podman takes for a runtime's name: the first regular
// file of its list, else what $PATH has.
func (p programReader) runtime(c *Conf, name string) string {
	paths, stated := c.tableRow("engine.runtimes", name)
	if !stated {
		for _, dir := range runtimeDirs {
			paths = append(paths, filepath.Join(dir, name))
		}
	}
	if path := p.first(paths); path != "" {
		return path
	}
	return p.inPath(name)
}

// inPath is the first regular file of that name in the caller's $PATH; "" none.
func (p programReader) inPath(name string) string {
	var paths []string
	for _, dir := range filepath.SplitList(p.src.env("PATH")) {
		if filepath.IsAbs(dir) {
			paths = append(paths, filepath.Join(dir, name))
		}
	}
	return p.first(paths)
}

// table is a list in a table of containers.conf.
func (c *Conf) table(key, name string) []string {
	list, _ := c.tableRow(key, name)
	return list
}

// tableRow is the list of one name in a table, and whether the table has the name.
func (c *Conf) tableRow(key, name string) (list []string, stated bool) {
	set := c.Get(key)
	if set == nil {
		return nil, false
	}
	rows, _ := set.Value.(map[string]any)
	row, stated := rows[name]
	items, _ := row.([]any)
	for _, v := range items {
		if text, ok := v.(string); ok {
			list = append(list, text)
		}
	}
	return list, stated
}

// tableValues are the texts of a table of texts, in the order of its names.
func (c *Conf) tableValues(key string) []string {
	set := c.Get(key)
	if set == nil {
		return nil
	}
	rows, _ := set.Value.(map[string]any)
	var out []string
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		if text, ok := rows[name].(string); ok {
			out = append(out, text)
		}
	}
	return out
}

// first is the first regular file that is there.
func (p programReader) first(paths []string) string {
	i := slices.IndexFunc(paths, func(path string) bool {
		info, err := os.Stat(p.src.at(path))
		return err == nil && info.Mode().IsRegular()
	})
	if i < 0 {
		return ""
	}
	return paths[i]
}

// judged is the program at path, where somebody beside root may exchange it; both the
// path as it is written and what its links lead to count. from says who names it.
func (p programReader) judged(from Program, path string) []Program {
	if path == "" || !p.src.exists(path) {
		return nil
	}
	from.Path = path
	from.Why = p.exchanged(path)
	if from.Why == "" {
		return nil
	}
	return []Program{from}
}

// exchanged says who beside root may put another file at the place of path; "" nobody.
func (p programReader) exchanged(path string) string {
	real, err := filepath.EvalSymlinks(p.src.at(path))
	if err != nil {
		return "it cannot be looked at"
	}
	why := trust.Program(real)
	if written := p.src.at(filepath.Dir(path)); why == "" && p.src.Root == "" {
		if dir, err := filepath.EvalSymlinks(written); err == nil {
			why = trust.Program(dir)
		}
	}
	return why
}

// at says which file sets a key.
func (c *Conf) at(key string) Program {
	p := Program{Key: key, File: "$PATH"}
	if set := c.Get(key); set != nil {
		p.File = set.Origin().File
	}
	return p
}

func (c *Conf) program(key, path, why string) Program {
	p := c.at(key)
	p.Path, p.Why = path, why
	return p
}
