package command

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// Variable is what a variable of the engine's own environment does: it is code or
// a file that the engine opens (use), it decides a row, it opens what it reaches
// (opens), or nothing needs to judge it (harmless).
type Variable struct {
	names string // separated by spaces; one that ends in "*" is a prefix
	of    engine

	use      string
	row      container.Row
	opens    string
	rows     []container.Row // what it opens; none is the whole run
	harmless string
	usual    func(Value) bool // tells of a value that it changes nothing: every login has it
}

const (
	ofTheCaller = "how messages look, and who calls"
	movesPlaces = "it moves the engine's configuration, its storage or its run directory"
	asDebugging = "it changes how the engine itself works"
)

// variables are looked through in order: a name before the prefix that covers it.
// The sources are ld.so(8), bash(1), podman(1), containers.conf(5), docker(1), the
// XDG base directory specification and Go's runtime and crypto/x509.
//
// No family are the names that scripts take themselves: CONTAINER_NAME, DOCKER_TAG,
// GOAL, STORAGE_DIR, SSH_KEY. What the engines ask for under such a name stands here
// by name; a test looks through their sources.
var variables = []Variable{
	// What others read who start programs.
	{names: "PATH", of: both, use: forRunning, usual: programsOfRoot},
	{names: "LD_BIND_NOW", of: both, harmless: "libraries are bound at once"},
	{names: "LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT LD_* GCONV_PATH LOCPATH GLIBC_TUNABLES BASH_ENV ENV BASH_FUNC_* CONTAINERS_HELPER_BINARY_DIR CNI_PATH PYTHONPATH PERL5LIB",
		of: both, use: forRunning},
	{names: "DOCKER_CONFIG", of: docker, use: forRunning, usual: homely("/.docker")}, // plugins and programs that know passwords

	// What decides a row of the line.
	{names: "CONTAINERS_CONF CONTAINERS_CONF_OVERRIDE", of: both, row: container.Modules},
	{names: "CONTAINER_HOST CONTAINER_CONNECTION", of: both, row: container.Remote},
	{names: "DOCKER_HOST DOCKER_CONTEXT", of: docker, row: container.Remote},
	{names: "PODMAN_USERNS", of: podman, row: container.Userns},

	// Files that the engine opens.
	{names: "REGISTRY_AUTH_FILE DOCKER_CONFIG SSL_CERT_FILE SSL_CERT_DIR CONTAINER_SSHKEY DOCKER_CERT_PATH SSH_AUTH_SOCK", of: both, use: forReading},
	{names: "TMPDIR", of: both, use: forWriting},

	// Harmless by name.
	{names: "LANG LANGUAGE LC_* TERM COLORTERM COLUMNS LINES NO_COLOR CLICOLOR TZ USER LOGNAME SUDO_USER MAIL PWD OLDPWD SHLVL SHELL EDITOR PAGER " +
		"DISPLAY DEBUG DEBIAN_FRONTEND PODMAN_SYSTEMD_UNIT INVOCATION_ID XDG_CACHE_HOME XDG_STATE_HOME XDG_SESSION_* XDG_CURRENT_DESKTOP " +
		"PODMAN_IGNORE_CGROUPSV1_WARNING SUPPRESS_BOLTDB_WARNING", of: both, harmless: ofTheCaller},
	{names: "DOCKER_BUILDKIT BUILDKIT_PROGRESS BUILDAH_* DOCKER_CLI_HINTS DOCKER_HIDE_LEGACY_COMMANDS PODMAN_VERSION PODMAN_IMAGE " +
		"PODMAN_COMPOSE_PROVIDER PODMAN_COMPOSE_WARNING_LOGS", of: both,
		harmless: "how images are built, and names that scripts take"},
	{names: "GOGC GOMAXPROCS GOMEMLIMIT GOTRACEBACK", of: both, harmless: "how much memory and how many processors the engine takes"},
	{names: "DOCKER_TLS DOCKER_TLS_VERIFY DOCKER_API_VERSION DOCKER_CUSTOM_HEADERS CONTAINER_PROXY CONTAINER_TLS_CA CONTAINER_TLS_CERT " +
		"CONTAINER_TLS_KEY DOCKER_AUTH_CONFIG DOCKER_CONTENT_TRUST DOCKER_CONTENT_TRUST_SERVER", of: both,
		harmless: "how the client speaks to an engine or a registry, and not to which"},

	// What moves the engine to other files, or otherwise reaches past the line.
	{names: "XDG_RUNTIME_DIR", of: both, opens: movesPlaces, usual: runtimeDir},
	{names: "HOME", of: both, opens: movesPlaces, usual: homely("")},
	{names: "XDG_CONFIG_HOME", of: both, opens: movesPlaces, usual: homely("/.config")},
	{names: "XDG_DATA_HOME", of: both, opens: movesPlaces, usual: homely("/.local/share")},
	{names: "DBUS_SESSION_BUS_ADDRESS", of: both, opens: "the limits are set by whoever answers there", usual: sessionBus},
	{names: "XDG_* STORAGE_DRIVER STORAGE_OPTS CONTAINERS_* REGISTRIES_CONFIG_PATH _CONTAINERS_* CNI_* ROOTLESSKIT_STATE_DIR GNUPGHOME TZDIR",
		of: both, opens: movesPlaces},
	{names: "GODEBUG GOCOVERDIR PODMAN_* LIBPOD_* NETAVARK_* AARDVARK_* CONMON_* CRUN_* RUNC_* LIBCRUN_* LIBKRUN_* KRUN_* PASTA_* " +
		"SLIRP4NETNS_* _OCI_* DOCKER_CLI_* DOCKER_RAMDISK OTEL_* DBUS_SYSTEM_BUS_ADDRESS container", of: both, opens: asDebugging},
	{names: "DOCKER_DEFAULT_PLATFORM", of: docker, opens: "it decides for which machine the image is",
		rows: []container.Row{container.Platform}},
	{names: "DISABLE_HC_SYSTEMD", of: podman, opens: "no timer runs the health check", rows: []container.Row{container.NoHealthcheck}},
	{names: "NOTIFY_SOCKET LISTEN_FDS LISTEN_PID LISTEN_FDNAMES", of: both, opens: "it hands sockets of the caller's to the engine and the workload"},
	{names: "http_proxy https_proxy ftp_proxy no_proxy all_proxy HTTP_PROXY HTTPS_PROXY FTP_PROXY NO_PROXY ALL_PROXY", of: both,
		opens: "images come through another host, and the workload is given it", rows: []container.Row{container.HttpProxy, container.Image}},
}

// covers tells whether a name stands in a list of variables.
func covers(names, name string) bool {
	return slices.ContainsFunc(strings.Fields(names), func(n string) bool {
		prefix, all := strings.CutSuffix(n, "*")
		return n == name || all && strings.HasPrefix(name, prefix)
	})
}

// systemPrograms are where a distribution has programs that root alone changes.
var systemPrograms = []string{"/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/snap/bin"}

// programsOfRoot tells whether a PATH holds directories of the system alone, beside
// what it held before.
func programsOfRoot(v Value) bool {
	for _, dir := range v.split(':') {
		if dir.Text == "$PATH" || dir.Text == "${PATH}" {
			continue
		}
		if dir.Open() != "" || !slices.Contains(systemPrograms, path.Clean(dir.Text)) {
			return false
		}
	}
	return true
}

// homely tells whether a value is somebody's home, or what the engine would take
// below it anyway.
func homely(below string) func(Value) bool {
	return func(v Value) bool {
		home, ok := strings.CutSuffix(strings.TrimSuffix(v.Text, "/"), below)
		if !ok || slices.Contains([]string{"$HOME", "${HOME}", "~", "%h", "/root"}, home) {
			return ok
		}
		return v.Open() == "" && slices.Contains([]string{"/home", "/var/home"}, path.Dir(home)) && path.Clean(home) == home
	}
}

// runtimeDir tells whether a value is the runtime directory that a login has.
func runtimeDir(v Value) bool {
	uid, ok := strings.CutPrefix(strings.TrimSuffix(v.Text, "/"), "/run/user/")
	number := uid != "" && strings.Trim(uid, "0123456789") == ""
	return v.Text == "%t" || ok && (number || slices.Contains([]string{"$(id -u)", "`id -u`", "$UID", "${UID}", "$EUID", "%U"}, uid))
}

func sessionBus(v Value) bool {
	dir, ok := strings.CutSuffix(v.Text, "/bus")
	dir, named := strings.CutPrefix(dir, "unix:path=")
	return ok && named && (dir == "$XDG_RUNTIME_DIR" || dir == "${XDG_RUNTIME_DIR}" || runtimeDir(Value{Text: dir, at: v.at, w: v.w}))
}

// variableOf finds what a variable does to an engine. Of a name that stands nowhere,
// and begins as none that an engine, a runtime, the loader or Go obeys, it does
// nothing.
func variableOf(e engine, name string) *Variable {
	for i := range variables {
		if v := &variables[i]; v.of&e != 0 && covers(v.names, name) {
			return v
		}
	}
	return &Variable{harmless: "nothing that the engine is made of knows it"}
}

// ObeyedVariable tells whether an engine, or what it is made of, acts on a
// variable of its own environment, so that a run with it is to be read with it.
func ObeyedVariable(name string) bool {
	return variableOf(podman, name).harmless == "" || variableOf(docker, name).harmless == ""
}

// readVariable reads a variable that is set for the engine itself.
func readVariable(r *reader, i int, v Value) {
	name, val, _ := v.Cut('=')
	r.begin(&option{dashed: name.Text}, i, i+1)
	e := podman
	if r.docker {
		e = docker
	}
	known := variableOf(e, name.Text)
	switch {
	case known.harmless != "":
	case known.usual != nil && known.usual(val):
	case known.use != "":
		r.hostFile(known.use, val)
	case known.opens != "":
		r.opens(known.opens, known.rows...)
	case known.row.Key() == container.Modules.Key():
		r.item(container.Modules, val, val.Text)
	default:
		toldByVariable(r, known.row, i, val)
	}
}

// toldByVariable gives a row what a variable says of it, unless an option of the line
// decides it.
func toldByVariable(r *reader, of container.Row, i int, val Value) {
	row := container.Remote
	if of.Key() == container.Userns.Key() {
		row = container.Userns
	}
	if had, _, known := row.Get(r.spec); known && had != DefaultRemote {
		return
	}
	if what := val.Open(); what != "" {
		r.note(form.Open{At: PathOf(row), Word: i, Why: Clip(what) + " is expanded by the shell"})
		return
	}
	set(r, row, val.Text)
}

// Reach is what a variable that is set earlier does to the runs that follow; nil is
// nothing. A name that only its beginning makes one of the engine's counts where it is
// exported: a script has names of its own.
func Reach(v Value, exported bool) *Variable {
	name, val, set := v.Cut('=')
	for _, e := range []engine{podman, docker} {
		known := variableOf(e, name.Text)
		if known.harmless != "" || known.usual != nil && (!set || known.usual(val)) {
			continue
		}
		if exported || slices.Contains(strings.Fields(known.names), name.Text) {
			return known
		}
	}
	return nil
}

// Rows are the rows that a variable reaches; nil is all of them.
func (v *Variable) Rows() []container.Row {
	switch {
	case v.row != nil:
		return []container.Row{v.row}
	case v.use != "":
		return []container.Row{container.HostFiles}
	}
	return v.rows
}

// Redirects tells whether the variable leads every command of the engine elsewhere, read or
// not.
func (v *Variable) Redirects() bool { return v.row != nil }
