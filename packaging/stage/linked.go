package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
)

// module is one that is linked into the binary, or the standard library.
type module struct {
	path, version string
	sum           string // "h1:…", as in go.sum
	texts         []text // of its licences, at least one
}

// program is a binary and what it is made of.
type program struct {
	module
	file     string
	platform string // GOOS/GOARCH
	linked   []module
}

// standard is the name of the standard library among the modules, as Go's
// vulnerability database has it.
const standard = "stdlib"

// readLinked reads from the binary which modules it links and finds their licences
// in the source those were built from. A module without one is an error.
func readLinked(src source) (*program, error) {
	info, err := buildinfo.ReadFile(src.binary)
	if err != nil {
		return nil, fmt.Errorf("reading what %s is made of: %w", src.binary, err)
	}
	env, platform := environment(info.Settings)
	dirs, err := packageDirs(src.tree, info.Path, env)
	if err != nil {
		return nil, err
	}
	p := &program{module: module{path: info.Main.Path}, file: src.binary, platform: platform}
	if p.texts, err = licences(place{root: src.tree}); err != nil {
		return nil, err
	}
	for _, dep := range info.Deps {
		if dep.Replace != nil {
			return nil, fmt.Errorf("reading what is linked: %s is replaced, so that its source has no public name", dep.Path)
		}
		where, ok := dirs[dep.Path+"@"+dep.Version]
		if !ok {
			return nil, fmt.Errorf("reading what is linked: %s %s is in the binary and not in this tree", dep.Path, dep.Version)
		}
		m := module{path: dep.Path, version: dep.Version, sum: dep.Sum}
		if m.texts, err = licences(where); err != nil {
			return nil, err
		}
		p.linked = append(p.linked, m)
	}
	if len(dirs) != len(p.linked) {
		return nil, fmt.Errorf("reading what is linked: %d modules in the binary, %d in this tree", len(p.linked), len(dirs))
	}
	std, err := standardLibrary(info.GoVersion)
	p.linked = append(p.linked, std)
	return p, err
}

// environment is how the binary was built, as variables of the go command.
func environment(settings []debug.BuildSetting) (env []string, platform string) {
	at := map[string]string{}
	for _, s := range settings {
		if strings.HasPrefix(s.Key, "GO") || s.Key == "CGO_ENABLED" {
			env = append(env, s.Key+"="+s.Value)
			at[s.Key] = s.Value
		}
	}
	return env, at["GOOS"] + "/" + at["GOARCH"]
}

// place is where the source of a module is, and which directories of it are linked.
type place struct {
	root string
	dirs []string
}

// packageDirs lists the source of every package that program name is made of,
// by module, the tree's own and the standard library left out.
func packageDirs(tree, name string, env []string) (map[string]place, error) {
	cmd := exec.Command(goCommand(), "list", "-deps", "-json=Dir,Standard,Module", name)
	cmd.Dir, cmd.Env, cmd.Stderr = tree, append(os.Environ(), env...), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("listing the packages of %s: %w", name, err)
	}
	dirs := map[string]place{}
	for in := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg struct {
			Dir      string
			Standard bool
			Module   *struct {
				Path, Version, Dir string
				Main               bool
			}
		}
		if err := in.Decode(&pkg); errors.Is(err, io.EOF) {
			return dirs, nil
		} else if err != nil {
			return nil, fmt.Errorf("listing the packages of %s: %w", name, err)
		}
		if pkg.Standard || pkg.Module == nil || pkg.Module.Main {
			continue
		}
		key := pkg.Module.Path + "@" + pkg.Module.Version
		dirs[key] = place{pkg.Module.Dir, append(dirs[key].dirs, pkg.Dir)}
	}
}

// standardLibrary is Go's own part. A distribution may put Go's licence elsewhere;
// then it is the one that the library's copies of the Go project's modules carry.
func standardLibrary(goVersion string) (module, error) {
	m := module{path: standard, version: strings.TrimPrefix(strings.Fields(goVersion)[0], "go")}
	out, err := exec.Command(goCommand(), "env", "GOROOT").Output()
	if err != nil {
		return m, fmt.Errorf("finding the standard library: %w", err)
	}
	root := strings.TrimSpace(string(out))
	m.texts, err = licences(place{root: root})
	if err != nil {
		m.texts, err = licences(place{root: filepath.Join(root, "src", "vendor", "golang.org", "x", "sys")})
	}
	return m, err
}

// goCommand is the go command that built the binary: $GO, or the one in PATH.
func goCommand() string {
	if name := os.Getenv("GO"); name != "" {
		return name
	}
	return "go"
}

// above lists dir and the directories over it, up to root.
func above(root, dir string) []string {
	var out []string
	for ; strings.HasPrefix(dir, root+string(filepath.Separator)); dir = filepath.Dir(dir) {
		out = append(out, dir)
	}
	slices.Reverse(out)
	return append([]string{root}, out...)
}
