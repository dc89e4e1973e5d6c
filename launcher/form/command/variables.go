package command

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// variable is what comes of a variable in the engine's own environment.
type variable struct {
	of       engine
	row      container.Row // the setting it decides; nil where it needs no judge
	usual    func(v value) bool
	harmless string // why no control has to judge it
	names    string
}

// variables are those that podman 4.3 to 5.8, docker 28, the libraries they read
// images and storage with, the loader, Go and a shell obey. A test holds the list
// against every variable that the sources of the engines ask for.
var variables = []variable{
	{of: both, row: container.Modules, names: "CONTAINERS_CONF CONTAINERS_CONF_OVERRIDE"},
	{of: podman, row: container.Remote, names: "CONTAINER_HOST CONTAINER_CONNECTION PODMAN_CONNECTIONS_CONF"},
	{of: docker, row: container.Remote, names: "DOCKER_HOST DOCKER_CONTEXT"},
	{of: podman, row: container.Userns, names: "PODMAN_USERNS"},
	{of: docker, row: container.Platform, names: "DOCKER_DEFAULT_PLATFORM"},

	{of: both, row: container.EngineVars, names: `LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT GLIBC_TUNABLES GCONV_PATH LOCPATH BASH_ENV ENV SHELLOPTS
		CONTAINERS_HELPER_BINARY_DIR DOCKER_CLI_PLUGIN_EXTRA_DIRS`},
	{of: both, row: container.EngineVars, usual: programsOfRoot, names: "PATH"},
	{of: both, row: container.EngineVars, usual: aHome(""), names: "HOME"},
	{of: both, row: container.EngineVars, usual: aHome("/.config"), names: "XDG_CONFIG_HOME"},
	{of: podman, row: container.EngineVars, usual: aHome("/.local/share"), names: "XDG_DATA_HOME"},
	{of: both, row: container.EngineVars, usual: aHome("/.docker"), names: "DOCKER_CONFIG"},
	{of: both, row: container.EngineVars, usual: runtimeDir, names: "XDG_RUNTIME_DIR"},
	{of: both, row: container.EngineVars, names: `CONTAINERS_STORAGE_CONF STORAGE_DRIVER STORAGE_OPTS CONTAINERS_REGISTRIES_CONF REGISTRIES_CONFIG_PATH
		_CONTAINERS_USERNS_CONFIGURED _CONTAINERS_ROOTLESS_UID _CONTAINERS_ROOTLESS_GID _CONTAINERS_OVERLAY_DISABLE_IDMAP
		DOCKER_RAMDISK DISABLE_HC_SYSTEMD NOTIFY_SOCKET LISTEN_FDS LISTEN_PID LISTEN_FDNAMES NETAVARK_FW CNI_ARGS ROOTLESSKIT_STATE_DIR TZDIR container`},
	{of: both, row: container.EngineVars, names: "SSL_CERT_FILE SSL_CERT_DIR GODEBUG GOCOVERDIR"},

	{of: both, harmless: "it says how text is shown", names: `LANG LANGUAGE LC_ALL LC_CTYPE LC_MESSAGES LC_NUMERIC LC_TIME LC_COLLATE TERM COLUMNS LINES
		NO_COLOR CLICOLOR FORCE_COLOR TZ SHELL EDITOR DEBUG DOCKER_CLI_HINTS DOCKER_CLI_EXPERIMENTAL DOCKER_HIDE_LEGACY_COMMANDS DOCKER_CLI_DISABLE_COMPLETION_DESCRIPTION
		PODMAN_IGNORE_CGROUPSV1_WARNING SUPPRESS_BOLTDB_WARNING PODMAN_COMPOSE_WARNING_LOGS PODMAN_LOG_LEVEL`},
	{of: both, harmless: "it tunes Go's own memory and threads", names: "GOGC GOMAXPROCS GOMEMLIMIT GOTRACEBACK"},
	{of: both, harmless: "it is where the engine unpacks, in files that it makes itself", names: "TMPDIR TMP TEMP TEMPDIR"},
	{of: both, harmless: "which proxy a pull takes; what of it reaches the container http_proxy decides, which is judged",
		names: "http_proxy https_proxy ftp_proxy no_proxy all_proxy HTTP_PROXY HTTPS_PROXY FTP_PROXY NO_PROXY ALL_PROXY"},
	{of: both, harmless: "it opens a registry to the engine, and the container gets none of it", names: "REGISTRY_AUTH_FILE DOCKER_AUTH_CONFIG DOCKER_CLI_DISABLE_OAUTH_LOGIN"},
	{of: both, harmless: "it is how the client reaches an engine, and which one that is Remote decides", names: `CONTAINER_SSHKEY CONTAINER_PROXY CONTAINER_TLS_CERT CONTAINER_TLS_KEY
		CONTAINER_TLS_CA CONTAINERS_SSH_CONF SSH_AUTH_SOCK DOCKER_CERT_PATH DOCKER_TLS DOCKER_TLS_VERIFY DOCKER_API_VERSION DOCKER_CUSTOM_HEADERS
		DBUS_SESSION_BUS_ADDRESS DBUS_SYSTEM_BUS_ADDRESS`},
	{of: both, harmless: "the engine asks for no signature by it, or for one more", names: "DOCKER_CONTENT_TRUST DOCKER_CONTENT_TRUST_SERVER GNUPGHOME"},
	{of: both, harmless: "it is for building images, for virtual machines or for compose", names: `DOCKER_BUILDKIT BUILDKIT_PROGRESS BUILDAH_FORMAT BUILDAH_ISOLATION BUILDAH_LAYERS
		CONTAINERS_MACHINE_PROVIDER CONTAINERS_COMPOSE_PROVIDER PODMAN_COMPOSE_PROVIDER`},
	{of: podman, harmless: "Podman writes it down as a label, by which the unit is started again", names: "PODMAN_SYSTEMD_UNIT"},
	{of: both, harmless: "who called is not taken from it", names: `INVOCATION_ID USER LOGNAME SUDO_USER HOSTNAME PWD OLDPWD
		XDG_CACHE_HOME XDG_STATE_HOME XDG_DATA_DIRS XDG_CONFIG_DIRS XDG_SESSION_ID XDG_SESSION_TYPE XDG_SESSION_CLASS XDG_CURRENT_DESKTOP`},
}

// families begin the names of variables that an engine, a library of it or the loader
// may obey although no table here knows them. CONTAINER_ and DOCKER_ are none: what
// the engines know of those is listed, and scripts call their own so.
var families = []string{"LD_", "DYLD_", "GLIBC_", "BASH_FUNC_", "PODMAN_", "CONTAINERS_", "_CONTAINERS_", "XDG_", "LIBPOD_",
	"NETAVARK_", "AARDVARK_", "CONMON_", "CRUN_", "RUNC_", "DOCKER_CLI_"}

// strange tells whether a variable may steer an engine and no table knows how.
func strange(name string) bool {
	return !tabled(name) && slices.ContainsFunc(families, func(f string) bool { return strings.HasPrefix(name, f) })
}

func tabled(name string) bool {
	return slices.ContainsFunc(variables, func(v variable) bool { return oneWordOf(v.names, name) })
}

// told is the setting that a variable of the engine's own environment decides; nil
// where it decides none. A value that every login has is none.
func (e engine) told(name string, v value) container.Row {
	for _, known := range variables {
		if known.of&e == 0 || !oneWordOf(known.names, name) {
			continue
		}
		if known.row == nil || known.usual != nil && known.usual(v) {
			return nil
		}
		return known.row
	}
	return nil
}

// usually tells whether a variable may have a value that every login has.
func usually(name string) bool {
	return slices.ContainsFunc(variables, func(v variable) bool { return v.usual != nil && oneWordOf(v.names, name) })
}

// Obeyed tells whether an engine, or what it is made of, obeys a variable of its own
// environment.
func Obeyed(name string) bool { return both.told(name, value{w: &word{}}) != nil || strange(name) }

// systemPrograms are where a distribution has programs that root alone changes.
var systemPrograms = []string{"/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/snap/bin", "/usr/lib/wsl/lib"}

// programsOfRoot tells whether a PATH holds directories of the system alone, beside
// what it held before.
func programsOfRoot(v value) bool {
	for _, dir := range v.split(':') {
		if dir.s == "$PATH" || dir.s == "${PATH}" {
			continue
		}
		if dir.open() != "" || !slices.Contains(systemPrograms, path.Clean(dir.s)) {
			return false
		}
	}
	return true
}

// aHome tells whether a value is somebody's home, or the directory in it that the
// engine would take anyway.
func aHome(below string) func(value) bool {
	return func(v value) bool {
		home, ok := strings.CutSuffix(strings.TrimSuffix(v.s, "/"), below)
		if !ok {
			return false
		}
		if slices.Contains([]string{"$HOME", "${HOME}", "~", "%h", "/root", "/var/roothome"}, home) {
			return true
		}
		return v.open() == "" && slices.Contains([]string{"/home", "/var/home"}, path.Dir(home)) && path.Clean(home) == home
	}
}

// runtimeDir tells whether a value is the runtime directory that a login has.
func runtimeDir(v value) bool {
	uid, ok := strings.CutPrefix(strings.TrimSuffix(v.s, "/"), "/run/user/")
	if !ok || strings.HasPrefix(v.s, "$") {
		return v.s == "%t"
	}
	number := uid != "" && strings.Trim(uid, "0123456789") == ""
	return number || slices.Contains([]string{"$(id -u)", "$UID", "${UID}", "$EUID", "%U", "`id -u`"}, uid)
}

// systemProgram tells whether a path is of a program that root alone changes.
func systemProgram(p string) bool {
	return path.Clean(p) == p && (slices.Contains(systemPrograms, path.Dir(p)) || strings.HasPrefix(p, "/usr/") || strings.HasPrefix(p, "/opt/"))
}

// ToldByVariables are the rows that a variable of the engine's own environment can
// reach; containers.conf, behind the first, decides what a line does not state. A line
// that states its user namespace or its platform has decided those.
var ToldByVariables = []container.Row{container.Modules, container.Remote, container.EngineOpts, container.EngineVars}
