// Command workload is what the end-to-end tests run inside containers: one
// static binary that shows what a container was given and does, on demand, what
// a server, a job or an intruder would.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// action is one thing the workload can do; do gets what follows its name and
// returns the exit code.
type action struct {
	name, args, about string
	do                func(args []string) (int, error)
}

// actions lists what there is, in the order of the help.
func actions() []action {
	return []action{
		{"args", "[ARG]...", "print every argument, quoted, one per line", printArgs},
		{"env", "", "print the environment, sorted", printEnv},
		{"status", "", "print identity, capabilities, no_new_privs, seccomp and mounts", printStatus},
		{"size", "", "print the terminal's rows and columns, again after each resize until input ends", printSize},
		{"cat", "", "copy standard input to standard output", cat},
		{"exit", "N", "exit with code N", exit},
		{"signal", "NAME", "end by a signal: TERM, KILL, INT, HUP, QUIT or ABRT", endBySignal},
		{"sleep", "DURATION", "wait, such as 10s; SIGTERM ends it with code 0", sleep},
		{"deaf", "DURATION", "wait, with the kernel's default action for every signal that asks for the end", deaf},
		{"interrupts", "DURATION", "count the SIGINTs until that long after the first, and print how many", interrupts},
		{"read", "PATH", "print a file", read},
		{"write", "PATH", "create the file, or append to it: the canary of an attack", write},
		{"launder", "WAY DURATION", "keep all rights in a child, a thread or an orphan, and give up one's own", launder},
		{"allowed", "SYSCALL PATH", "write the canary if keyctl, unshare, userfaultfd or mount is let through", allowed},
		{"unconfined", "PATH", "write the canary if there is neither seccomp nor no_new_privs", unconfined},
		{"fork", "N", "keep N children at once; print how many the limits allow", fork},
		{"allocate", "BYTES", "take memory and touch every page of it", allocate},
		{"spin", "DURATION", "keep one processor busy", spin},
		{"fill", "PATH BYTES", "write that many bytes and remove the file; print how many went in", fill},
		{"copy", "PATH", "write this program to PATH, executable", copySelf},
		{"run", "PROGRAM [ARG]...", "run a program of the image", program},
		{"chmod", "PATH", "set a file's mode to what it is: EROFS tells of a read-only mount", chmod},
		{"cover", "PATH", "mount an empty tmpfs at path", cover},
		{"umount", "PATH...", "unmount what lies on top at each path, at once", umount},
		{"chown", "PATH UID", "give a file to another user", chown},
		{"list", "PATH", "print the names in a directory, with the links' targets", list},
		{"stat", "PATH", "print mode, owner and SELinux label", stat},
		{"rights", "PATH", "print the files below a directory that are set-user-ID or set-group-ID or have capabilities", rightsOf},
		{"statfs", "PATH", "print a file system's size and free bytes", statfs},
		{"resolve", "NAME", "print the addresses of a name", resolve},
		{"connect", "ADDRESS", "open a TCP connection and print how long it took", connect},
		{"each", "ACTION...", "do several, each one argument: \"read /etc/hosts\"", each},
		{"obey", "PORT...", "answer HTTP, and do what /do?a=ACTION&a=ARG asks, until SIGTERM", obey},
		{"tells", "PORT...", "play a model server: HTTP/1.1, HTTP/2 and gRPC, log each request as JSON and answer with that; /do obeys", tells},
		{"secure", "PORT", "speak TLS, and answer 401 to every HTTP request until SIGTERM", secure},
		{"scan", "WAY LAYOUT DATABASE", "look for vulnerable packages in an image, and report them or misbehave by a WAY", scan},
		{"spoil", "WAY PROGRAM [ARG]...", "run a real scanner and spoil, by a WAY, what it prints of any image but the known-bad one", spoil},
		{"sh", "-euc SCRIPT", "upgrade stand-in packages, as the shell of an image that is mended; also by the name sh", shell},
		{"report", "ID KIND/PACKAGE/VULNERABLE/FIXED/CVE/SEVERITY...", "print a report of trivy's form of the stand-in packages", report},
		{"greet", "PORT", "greet whoever posts a name, as the stand-in package greeting does it", greet},
		{"serve", "PORT", "answer 200 to every HTTP request until SIGTERM", serve},
	}
}

func main() {
	if len(os.Args) < 2 {
		usage()
	}
	if filepath.Base(os.Args[0]) == "sh" {
		os.Args = append([]string{"workload", "sh"}, os.Args[1:]...)
	}
	all := actions()
	at := slices.IndexFunc(all, func(a action) bool { return a.name == os.Args[1] })
	if at < 0 {
		usage()
	}
	code, err := all[at].do(os.Args[2:])
	if err != nil {
		fmt.Fprintf(os.Stderr, "workload %s: %s\n", os.Args[1], named(err))
		code = max(code, 1)
	}
	os.Exit(code)
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: workload ACTION [ARG]...")
	for _, a := range actions() {
		fmt.Fprintf(os.Stderr, "  %-10s %-12s %s\n", a.name, a.args, a.about)
	}
	os.Exit(2)
}

// only returns the single argument an action takes.
func only(args []string) (string, error) {
	if len(args) != 1 {
		return "", fmt.Errorf("want one argument, got %d", len(args))
	}
	return args[0], nil
}

// onlyNumber returns the single argument of an action that takes a number up to most.
func onlyNumber(args []string, most uint64) (uint64, error) {
	arg, err := only(args)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(arg, 10, 64)
	if err != nil || n > most {
		return 0, fmt.Errorf("want a number up to %d, got %q", most, arg)
	}
	return n, nil
}

// onlyDuration returns the single argument of an action that takes a duration.
func onlyDuration(args []string) (time.Duration, error) {
	arg, err := only(args)
	if err != nil {
		return 0, err
	}
	return time.ParseDuration(arg)
}
