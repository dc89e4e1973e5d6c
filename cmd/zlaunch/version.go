package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/report"
)

// version is set at link time (-ldflags "-X main.version=…") by builds that have
// no version control at hand: tarballs and packages.
var version string

// versionSchema is the version of the JSON of version.
const versionSchema = "zlaunch.dev/version/v1"

// built says what this program was made of.
type built struct {
	Schema   string `json:"schema"`
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Modified bool   `json:"modified,omitempty"` // the tree had changes beyond the commit
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Podman   string `json:"podman_bindings,omitempty"` // whose API version is asked of the engine
}

// bindings is the module of Podman's Go bindings.
const bindings = "github.com/containers/podman/v5"

func versionOf() built {
	b := built{Schema: versionSchema, Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	if b.Version == "" {
		b.Version = info.Main.Version
	}
	if b.Version == "" || b.Version == "(devel)" {
		b.Version = "devel"
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	for _, m := range info.Deps {
		if m.Path == bindings {
			b.Podman = m.Version
		}
	}
	return b
}

var cmdVersion = &command{
	usage:   "version [OPTION]...",
	short:   "print the version",
	long:    `Prints zlaunch's version, the commit and the Go release it was built with, and the version of Podman's bindings, which is the API version it asks of an engine. It talks to no engine; zlaunch-doctor(1) does.`,
	example: []string{"zlaunch version"},
	bind: func(fs *pflag.FlagSet) runFunc {
		json := fs.Bool("json", false, "print JSON")
		return func(_ context.Context, std *stdio, args arguments) error {
			if err := args.none(); err != nil {
				return err
			}
			b := versionOf()
			if *json {
				return report.JSON(std.out, b)
			}
			_, err := fmt.Fprintln(std.out, b)
			return err
		}
	},
}

func (b built) String() string {
	out := "zlaunch " + b.Version
	if b.Commit != "" {
		out += " commit " + b.Commit[:min(12, len(b.Commit))]
		if b.Modified {
			out += "+changes"
		}
	}
	out += " " + b.Go + " " + b.Platform
	if b.Podman != "" {
		out += " podman-bindings " + b.Podman
	}
	return out
}
