package vap

import (
	"path"
	"strings"
)

// Pieces of CEL that are about the volumes of a pod and the mounts of its container c. What
// a volume of another kind mounts, and one that is no volume of the pod, is not known.
const (
	mounts = "c.?volumeMounts.orValue([])"

	// mountsRead: what is mounted, and where, is known of every mount.
	mountsRead = mounts + `.all(m, m.mountPath.startsWith("/") && !has(m.subPathExpr) && m.name in variables.understood)`

	// mountsAll: nothing is mounted but what the rows of volumes have; an image is read, and what
	// it brings in is not known.
	mountsAll = mountsRead + " &&\n" + mounts + ".all(m, !(m.name in variables.images))"

	// readMounts are the mounts whose place is known.
	readMounts = mounts + `.filter(m, m.mountPath.startsWith("/") && !has(m.subPathExpr))`
	inMemory   = readMounts + ".filter(m, m.name in variables.memory)"
	onDisk     = readMounts + ".filter(m, m.name in variables.understood && !(m.name in variables.memory + variables.secrets + variables.images))"

	// notToken: the kubelet mounts nothing that opens the API server.
	notToken = "!variables.pod.?automountServiceAccountToken.orValue(true)"
	tokenDir = "/var/run/secrets/kubernetes.io/serviceaccount"
)

// secretsKnown: there are no Secrets but those of env and of mounts, by name.
const secretsKnown = `c.?envFrom.orValue([]).all(e, !has(e.secretRef)) &&
` + mounts + `.all(m, m.mountPath.startsWith("/") && !has(m.subPathExpr) && variables.volumes.all(v, v.name != m.name || v.?projected.?sources.orValue([]).all(p, !has(p.secret))))`

// clean is a path without what means nothing. One with ".." stays what it is, and is like no
// clean path.
func clean(cel string) string {
	return `("/" + ` + cel + `.findAll("[^/]+").filter(s, s != ".").join("/"))`
}

// source is which path of the node the mount m of the volume v mounts. An API server takes none
// with "..".
const source = `("/" + (v.hostPath.path + "/" + m.?subPath.orValue("")).findAll("[^/]+").filter(s, s != ".").join("/"))`

// targets are the places of mounts.
func targets(mounts string) string { return mounts + ".map(m, " + clean("m.mountPath") + ")" }

// inside holds a path against roots: it is one of them, or below one.
func inside(roots []string) string {
	return literals(trimmed(roots)) + `.exists(r, s == r || s.startsWith(r + "/"))`
}

func trimmed(roots []string) (out []string) {
	for _, r := range roots {
		out = append(out, strings.TrimSuffix(r, "/"))
	}
	return out
}

// noMountOf is met where nothing is mounted that holds a part of the host which works there
// as well as in its own place.
func noMountOf(roots ...string) string {
	return every(mountsRead, mounts+`.all(m, !(m.name in variables.unseen) && variables.volumes.all(v, v.name != m.name || !has(v.hostPath) ||
  [`+source+`].all(s, s != "/" && !`+inside(roots)+`)))`)
}

// notCovered is met where nothing is mounted at a path, or above it.
func notCovered(target string) string {
	return every(mountsAll, secretsKnown, targets(mounts)+".all(t, !(t in "+literals([]string{target, path.Dir(target)})+`) && !t.contains(".."))`)
}

// mountRoots lets mounts come from below the paths of a list, and from volumes that patterns
// in it name.
func mountRoots(_ string, want any) string {
	var roots, names []string
	for _, w := range want.([]string) {
		if strings.HasPrefix(w, "/") {
			roots = append(roots, w)
		} else {
			names = append(names, w)
		}
	}
	named := func(cel string) string { return "[" + cel + "].all(s, " + matches("s", names) + ")" }
	token := "[" + literal(tokenDir) + "].all(s, " + inside(roots) + ")"
	return every(mountsRead, "("+notToken+" || "+token+")", mounts+`.all(m, variables.volumes.exists(v, v.name == m.name && (
  m.name in variables.memory || m.name in variables.secrets ||
  (m.name in variables.unseen && `+named(`""`)+`) ||
  (has(v.hostPath) && [`+source+`].all(s, `+inside(roots)+`)) ||
  (has(v.configMap) && `+named(`v.configMap.?name.orValue("")`)+`) ||
  (has(v.downwardAPI) && `+named(`"downward-api"`)+`) ||
  (has(v.projected) && (v.projected.?sources.orValue([]).exists(p, has(p.serviceAccountToken) || has(p.podCertificate)) ?
    `+token+" : "+named(`"projected"`)+")))))")
}

// tmpfs bounds the size of every volume in memory; by their names they are texts as others.
func tmpfs(table string, want any) string {
	if most, ok := want.(float64); ok {
		size := quantityMeets("v.emptyDir.?sizeLimit", table, most)
		return inMemory + ".all(m, variables.volumes.exists(v, v.name == m.name && has(v.emptyDir) && " + size + "))"
	}
	return textsMeet(targets(inMemory), table, want)
}
