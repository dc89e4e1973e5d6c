package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// The paths of the host that a run reads, writes or runs.

// use is what becomes of a path of the host that a run names.
type use uint8

const (
	mounted       use = iota // the workload sees it, and writes it unless it is read-only
	readIn                   // the engine reads it, and the workload gets what is in it
	obeyed                   // the engine reads it and does as it says
	logged                   // the engine writes there what the workload prints or sends
	kept                     // the engine writes there what it says itself: an id, its state
	ran                      // the engine runs it, or takes the names of programs from it
	joined                   // a namespace that the workload enters
	redirectedOut            // a shell or a service manager writes there what the workload prints
	redirectedIn             // and gives the workload what stands there to read
	sentTo                   // a socket to which the engine sends what the workload prints
)

// hostPath is a path of the host that a run reads, writes or runs, whatever setting
// it stands in. Every control of paths judges these, and nothing but these.
type hostPath struct {
	source
	at    container.Path // the setting that findings name
	what  string         // the setting in words: "volume /models", "log_opt path"
	use   use
	why   string // why whoever set it says it is so; "" nothing
	mount *mount // that brings it in; nil where the engine opens it
}

// writable tells whether what the workload says or does changes what is there.
func (p *hostPath) writable() bool {
	return p.use == logged || p.use == redirectedOut || p.use == mounted && (p.kept || p.mount.written())
}

// leadsNowhere tells a path of which what is not known leads nowhere: a file of variables in
// or below the directory the engine is started in, .env, and an id that the engine keeps
// by a unit's name where such ids are kept, %t/%n.ctr-id.
func (p *hostPath) leadsNowhere() bool {
	if strings.Contains(p.said, "..") {
		return false
	}
	if p.use == redirectedOut || p.use == redirectedIn { // a plain name in or below that directory
		return p.path == "" && !strings.ContainsAny(p.said, expansions) && !strings.Contains("/"+path.Clean(p.said), "/.")
	}
	named := !strings.ContainsAny(unitWord().ReplaceAllString(strings.TrimPrefix(p.said, "%t/"), ""), expansions)
	return p.use == readIn && p.path == "" && !strings.ContainsAny(p.said, expansions) ||
		p.use == kept && named && slices.ContainsFunc(engineState, func(d string) bool { return beneath(p.path, d) })
}

// unitWord matches the specifiers of systemd that are one name: of the unit, of its
// instance, of the host, of the user (systemd.unit(5)).
var unitWord = lazyregexp.New(`%[nNpijmbHuU]`)

// hostPaths are the paths of the host that the run of a case names, gathered once
// for all controls.
func hostPaths(k *Case) []hostPath {
	if k.paths == nil {
		k.paths = []hostPath{}
		for _, h := range pathsByRow {
			if h.paths != nil {
				k.paths = append(k.paths, h.paths(k)...)
			}
		}
	}
	return k.paths
}

// mountedPaths are what the mounts of one row bring in.
func mountedPaths(row container.Row) func(*Case) []hostPath {
	return func(k *Case) (out []hostPath) {
		for _, m := range allMounts(k) {
			if m.at.Key != row.Key() {
				continue
			}
			for _, s := range m.sources {
				out = append(out, hostPath{source: s, at: m.at, what: m.String(), use: mounted, why: m.mark.Why, mount: m})
			}
			for _, s := range m.aids {
				out = append(out, hostPath{source: s, at: m.at, what: m.String(), use: readIn, why: m.mark.Why})
			}
		}
		return out
	}
}

func rootPaths(k *Case) []hostPath {
	m := bareRoot(k)
	if m == nil {
		return nil
	}
	return []hostPath{{source: m.sources[0], at: m.at, what: m.String(), use: mounted, why: m.mark.Why, mount: m}}
}

// logPaths are those of the log options: the file into which k8s-file and json-file
// write what the workload prints, a driver's socket, and the keys and certificates of
// Docker's other drivers. Any value that is a path counts, whatever its name.
func logPaths(k *Case) (out []hostPath) {
	for _, key := range container.LogOpt.Keys(k.Spec) {
		v, m, _ := container.LogOpt.Get(k.Spec, key)
		p := hostPath{at: elem(container.LogOpt, key), what: container.LogOpt.Key() + " " + key, use: obeyed, why: m.Why}
		scheme, rest, socket := strings.Cut(v, "://")
		switch {
		case key == "path":
			p.use = logged
		case socket && strings.HasPrefix(scheme, "unix"):
			p.use, v = sentTo, rest
		case !looksLikePath(v):
			continue
		}
		if v != "" {
			p.source = pathOf(v)
			out = append(out, p)
		}
	}
	return out
}

func annotationPaths(k *Case) (out []hostPath) {
	for _, key := range container.Annotation.Keys(k.Spec) {
		v, m, _ := container.Annotation.Get(k.Spec, key)
		if !looksLikePath(v) || !slices.ContainsFunc(obeyedPrefixes, func(p string) bool { return strings.HasPrefix(key, p) }) {
			continue
		}
		p := hostPath{source: pathOf(v), at: elem(container.Annotation, key), what: "annotation " + key, use: obeyed, why: m.Why}
		if slices.Contains(runtimeWrites, key) {
			p.use = kept
		}
		out = append(out, p)
	}
	return out
}

// obeyedPrefixes begin the annotations that an engine or a runtime obeys.
var obeyedPrefixes = []string{"run.oci.", "io.crun.", "krun.", "io.podman.annotations.", "io.katacontainers."}

// runtimeWrites are the annotations by which crun and Podman write or remove a file
// (crun.1; libpod, define/annotations.go).
var runtimeWrites = []string{"run.oci.hooks.stdout", "run.oci.hooks.stderr", "io.podman.annotations.cid-file"}

// networkPaths are the namespaces that a container joins, and what pasta writes: its
// capture holds what the workload sends, byte for byte.
func networkPaths(k *Case) (out []hostPath) {
	nets, m, _ := container.Network.Get(k.Spec)
	for _, n := range nets {
		mode, options, _ := strings.Cut(n, ":")
		p := hostPath{at: at(container.Network), what: container.Network.Key() + " " + mode, use: logged, why: m.Why}
		files := attachment{mode, options}.files()
		if mode == "ns" {
			p.use, files = joined, []string{options}
		}
		for _, f := range files {
			p.source = pathOf(f)
			out = append(out, p)
		}
	}
	return out
}

// optionPaths are the files that options name. One whose use nobody said is taken for
// one that the workload fills.
func optionPaths(k *Case) (out []hostPath) {
	for _, name := range container.HostFiles.Keys(k.Spec) {
		f, m, _ := container.HostFiles.Get(k.Spec, name)
		u, ok := fileUses[f.Use]
		if !ok {
			u = logged
		}
		s := pathOf(f.Path)
		if f.Open {
			s = located(f.Path, true)
		}
		out = append(out, hostPath{source: s, at: elem(container.HostFiles, name), what: name, use: u, why: m.Why})
	}
	return out
}

// fileUses are what the options of [container.HostFiles] do with their files.
var fileUses = map[string]use{"read": readIn, "write": kept, "run": ran, "log": logged, "print": redirectedOut, "feed": redirectedIn}

// eachPath is a judge of the paths of the host that a run names, of the uses that it
// asks for. Where one is not known to the end, and what is known of it is harmless, the
// control is open.
func eachPath(judge func(k *Case, p *hostPath) (said bool), uses ...use) func(*Case) {
	return func(k *Case) {
		for _, p := range hostPaths(k) {
			if slices.Contains(uses, p.use) && !judge(k, &p) && p.open != "" && !p.leadsNowhere() {
				k.Open(p.at, "%s: %s", p.what, p.open)
			}
		}
		moreMounts(k)
		if slices.Contains(uses, logged) && !container.LogOpt.Complete(k.Spec) {
			k.Open(at(container.LogOpt), "whether there is more in %s is not known", container.LogOpt.Key())
		}
	}
}
