package main

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// What the build knows of its source, set at link time (-ldflags "-X main.commit=…")
// by make and by the packages: they build with -buildvcs=false, so that a tree
// gives the same bytes with and without its repository. What is not set comes
// from the version control stamp that go build and go install leave.
var (
	version    string // as git describe says it; "-dirty" at its end: changed since
	commit     string // in full
	commitTime string // RFC 3339, UTC
)

// versionSchema is the version of the JSON of version; docs/schema/version-v1.json
// describes it.
const versionSchema = "zlaunch.dev/version/v1"

// built says what this program was made of. What is not known is left out.
type built struct {
	Schema        string `json:"schema"`
	Version       string `json:"version"`
	Commit        string `json:"commit,omitempty"`
	CommitTime    string `json:"commit_time,omitempty"`
	Modified      *bool  `json:"modified,omitempty"` // the tree had changes beyond the commit
	Go            string `json:"go"`
	Platform      string `json:"platform"`
	Bindings      string `json:"podman_bindings,omitempty"` // whose API version is asked of the engine
	PodmanMinimum string `json:"podman_minimum"`
	Catalogue     string `json:"catalogue"`
}

// bindings is the module of Podman's Go bindings.
const bindings = "github.com/containers/podman/v5"

func versionOf() built {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	b := built{
		Schema: versionSchema, Version: cmp.Or(version, info.Main.Version), Go: runtime.Version(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH, PodmanMinimum: podman.Oldest, Catalogue: audit.Version,
	}
	if b.Version == "" || b.Version == "(devel)" {
		b.Version = "devel"
	}
	b.source(info.Settings)
	for _, m := range info.Deps {
		if m.Path == bindings {
			b.Bindings = m.Version
		}
	}
	return b
}

// source fills in the commit: as it was linked in, or else as go build stamped it.
// The two never mix, for they may speak of different trees.
func (b *built) source(stamp []debug.BuildSetting) {
	if commit != "" {
		modified := strings.HasSuffix(version, "-dirty")
		b.Commit, b.CommitTime, b.Modified = commit, commitTime, &modified
		return
	}
	for _, s := range stamp {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.CommitTime = s.Value
		case "vcs.modified":
			modified := s.Value == "true"
			b.Modified = &modified
		}
	}
}

var cmdVersion = &command{
	usage:   "version [OPTION]...",
	short:   "print the version",
	long:    `Prints zlaunch's version, the commit it was built from ("+changes": the tree had others), the Go release, the platform, and the version of Podman's bindings, which is the API version it asks of an engine. As JSON also the commit's time, the oldest Podman it works with and the version of the catalogue of controls; what the build did not know is left out. It talks to no engine; zlaunch-doctor(1) does.`,
	example: []string{"zlaunch version", "zlaunch version --json"},
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
		if b.Modified != nil && *b.Modified {
			out += "+changes"
		}
	}
	out += " " + b.Go + " " + b.Platform
	if b.Bindings != "" {
		out += " podman-bindings " + b.Bindings
	}
	return out
}
