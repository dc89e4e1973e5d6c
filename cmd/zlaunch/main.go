// Command zlaunch turns a named AI-framework profile into a hardened rootless
// Podman run, proves it, and waits until it serves.
//
// Everything a command line can say stands in one table (command.go), from which
// help, man pages and completion are printed. A file per command parses, calls
// package launcher and prints; only this file touches the process itself.
package main

import (
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"

	"github.com/zlaunch/zlaunch/cmd/zlaunch-demo/server"
	"github.com/zlaunch/zlaunch/launcher/launch"
	"github.com/zlaunch/zlaunch/launcher/policy/disk"
	"golang.org/x/term"
)

func main() {
	if filepath.Base(os.Args[0]) == demoServer { // in the demo's image
		os.Exit(server.Main(os.Args[1:], os.Stdout, os.Stderr))
	}
	collectLate()
	os.Exit(program(os.Args[1:], process()))
}

// collectLate has the first garbage collection come at 32 MiB, where Go's own pace has
// it at 4: most commands are over by then. From then on the pace is Go's. Who sets
// GOGC has decided.
func collectLate() {
	if os.Getenv("GOGC") != "" {
		return
	}
	pace := debug.SetGCPercent(800) // of the 4 MiB that Go takes a heap for at least
	first := new([16]byte)
	runtime.SetFinalizer(first, func(*[16]byte) { debug.SetGCPercent(pace) })
}

// process is the world as this process finds it.
func process() *stdio {
	std := &stdio{
		in: os.Stdin, exact: os.Stdout, exactErr: os.Stderr,
		files:        launch.Stdio{In: os.Stdin, Out: os.Stdout, Err: os.Stderr},
		surroundings: surroundings{lookup: os.LookupEnv, policy: disk.System()},
		tty: terminals{
			in:  term.IsTerminal(int(os.Stdin.Fd())),
			out: term.IsTerminal(int(os.Stdout.Fd())),
			err: term.IsTerminal(int(os.Stderr.Fd())),
		},
		signals: watchSignals(os.Stderr),
	}
	std.dir, _ = os.Getwd() // "": no working directory, and so no project file
	if std.tty.out {
		std.widths.out, _, _ = term.GetSize(int(os.Stdout.Fd()))
	}
	if std.tty.err {
		std.widths.err, _, _ = term.GetSize(int(os.Stderr.Fd()))
	}
	std.home = home(std.getenv("HOME"))
	return std
}

// home is the caller's home directory; without one, a place that is not there.
func home(variable string) string {
	if filepath.IsAbs(variable) {
		return filepath.Clean(variable)
	}
	if u, err := user.LookupId(strconv.Itoa(os.Getuid())); err == nil && filepath.IsAbs(u.HomeDir) {
		return u.HomeDir
	}
	return "/nonexistent"
}
