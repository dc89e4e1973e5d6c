package command

import (
	"regexp"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// variable is what a variable of the engine's own environment does: it is code or
// a file that the engine opens (use), it decides a row, it opens what it reaches
// (opens), or nothing needs to judge it (harmless).
type variable struct {
	names string // separated by spaces; one that ends in "*" is a prefix
	of    engine

	use      string
	row      container.Row
	opens    string
	harmless string
	usual    *regexp.Regexp // its values that change nothing
}

const (
	ofTheCaller = "how messages look, and who calls"
	movesPlaces = "it moves the engine's configuration, its storage or its run directory"
	asDebugging = "it changes how the engine itself works"
)

// variables are looked through in order: a name before the prefix that covers it.
// The sources are ld.so(8), bash(1), podman(1), containers.conf(5), docker(1), the
// XDG base directory specification and Go's runtime and crypto/x509.
var variables = []variable{
	// What others read who start programs.
	{names: "PATH", of: both, use: forRunning},
	{names: "LD_BIND_NOW", of: both, harmless: "libraries are bound at once"},
	{names: "LD_* GCONV_PATH LOCPATH GLIBC_TUNABLES BASH_ENV ENV BASH_FUNC_* CONTAINERS_HELPER_BINARY_DIR CNI_PATH PYTHONPATH PERL5LIB",
		of: both, use: forRunning},
	{names: "DOCKER_CONFIG", of: docker, use: forRunning}, // plugins and programs that know passwords

	// What decides a row of the line.
	{names: "CONTAINERS_CONF CONTAINERS_CONF_OVERRIDE", of: podman, row: container.Modules},
	{names: "CONTAINER_HOST CONTAINER_CONNECTION", of: podman, row: container.Remote},
	{names: "DOCKER_HOST DOCKER_CONTEXT", of: docker, row: container.Remote},
	{names: "PODMAN_USERNS", of: podman, row: container.Userns},

	// Files that the engine opens.
	{names: "REGISTRY_AUTH_FILE DOCKER_CONFIG SSL_CERT_FILE SSL_CERT_DIR CONTAINER_SSHKEY DOCKER_CERT_PATH SSH_AUTH_SOCK", of: both, use: forReading},
	{names: "TMPDIR", of: both, use: forWriting},

	// Harmless by name.
	{names: "LANG LANGUAGE LC_* TERM COLORTERM COLUMNS LINES NO_COLOR CLICOLOR TZ USER LOGNAME MAIL PWD OLDPWD SHLVL EDITOR PAGER " +
		"DISPLAY DEBIAN_FRONTEND PODMAN_SYSTEMD_UNIT", of: both, harmless: ofTheCaller},
	{names: "DOCKER_BUILDKIT BUILDKIT_PROGRESS DOCKER_CLI_HINTS DOCKER_VERSION DOCKER_IMAGE PODMAN_VERSION PODMAN_IMAGE", of: both,
		harmless: "how images are built, and names that scripts take"},
	{names: "GOGC GOMAXPROCS GOMEMLIMIT GOTRACEBACK", of: both, harmless: "how much memory and how many processors the engine takes"},

	// What moves the engine to other files, or otherwise reaches past the line.
	{names: "XDG_RUNTIME_DIR", of: both, opens: movesPlaces, usual: regexp.MustCompile(`^/run/user/[0-9]+/?$`)},
	{names: "DBUS_SESSION_BUS_ADDRESS", of: both, opens: "the limits are set by whoever answers there",
		usual: regexp.MustCompile(`^unix:path=/run/user/[0-9]+/bus$`)},
	{names: "HOME XDG_* STORAGE_* CONTAINERS_* CONTAINER_* REGISTRIES_* REGISTRY_* _CONTAINERS_* CNI_* TMP TEMP GNUPGHOME", of: both, opens: movesPlaces},
	{names: "GO* PODMAN_* BUILDAH_* LIBPOD_* DOCKER_* BUILDKIT_* NETAVARK_* AARDVARK_* CONMON_* CRUN_* RUNC_* LIBCRUN_* LIBKRUN_* KRUN_* PASTA_* " +
		"SLIRP4NETNS_* NVIDIA_* OTEL_* SYSTEMD_* DBUS_* SSL_* SSH_* MALLOC_* GLIBC_* GCONV_* BASH_* _*", of: both, opens: asDebugging},
	{names: "NOTIFY_SOCKET LISTEN_* WATCHDOG_*", of: both, opens: "it hands sockets of the caller's to the engine and the workload"},
	{names: "http_proxy https_proxy ftp_proxy no_proxy all_proxy HTTP_PROXY HTTPS_PROXY FTP_PROXY NO_PROXY ALL_PROXY", of: both,
		opens: "images come through another host, and the workload is given it"},
}

// covers tells whether a name stands in a list of variables.
func covers(names, name string) bool {
	return slices.ContainsFunc(strings.Fields(names), func(n string) bool {
		prefix, all := strings.CutSuffix(n, "*")
		return n == name || all && strings.HasPrefix(name, prefix)
	})
}

// variableOf finds what a variable does to an engine. Of a name that stands nowhere,
// and begins as none that an engine, a runtime, the loader or Go obeys, it does
// nothing.
func variableOf(e engine, name string) *variable {
	for i := range variables {
		if v := &variables[i]; v.of&e != 0 && covers(v.names, name) {
			return v
		}
	}
	return &variable{harmless: "nothing that the engine is made of knows it"}
}

// ObeyedVariable tells whether an engine, or what it is made of, acts on a
// variable of its own environment, so that a run with it is to be read with it.
func ObeyedVariable(name string) bool {
	return variableOf(podman, name).harmless == "" || variableOf(docker, name).harmless == ""
}

// environment reads a variable that is set for the engine itself.
func (r *reader) environment(i int, v value) {
	name, val, _ := v.cut('=')
	r.begin(&option{dashed: name.s}, i, i+1)
	e := podman
	if r.docker {
		e = docker
	}
	known := variableOf(e, name.s)
	switch {
	case known.harmless != "":
	case known.usual != nil && val.open() == "" && known.usual.MatchString(val.s):
	case known.use != "":
		r.hostFile(known.use, val)
	case known.opens != "":
		r.opens(known.opens)
	case known.row.Key() == container.Modules.Key():
		r.item(container.Modules, val, val.s)
	default:
		r.told(known.row, i, val)
	}
}

// told gives a row what a variable says of it, unless an option of the line
// decides it.
func (r *reader) told(of container.Row, i int, val value) {
	row := container.Remote
	if of.Key() == container.Userns.Key() {
		row = container.Userns
	}
	if had, _, known := row.Get(r.spec); known && had != byDefault {
		return
	}
	if what := val.open(); what != "" {
		r.note(form.Open{At: at(row), Word: i, Why: clip(what) + " is expanded by the shell"})
		return
	}
	set(r, row, val.s)
}
