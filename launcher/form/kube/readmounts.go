package kube

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// readVolumes keeps the volumes of the pod for the mounts of its container.
func readVolumes(r *reader, n *yaml.Node) {
	r.volumes = map[string]*yaml.Node{}
	for _, v := range r.list(n) {
		r.volumes[scalarAt(v, "name")] = v
	}
}

// sources are the kinds of volume that are read. What another one mounts, is open.
var sources = map[string]func(*reader, mount){
	"emptyDir":              mountMemory,
	"hostPath":              mountHostPath,
	"persistentVolumeClaim": mountClaim,
	"secret":                mountSecretFiles,
	"image":                 mountImage,
	"configMap":             mountFiles("name", ""),
	"downwardAPI":           mountFiles("", "downward-api"),
	"projected":             mountProjected,
}

// mount is one mount of a container.
type mount struct {
	target, sub string
	readOnly    bool
	propagation string

	relabel               string // behind the path, where Podman reads options
	noSuid, noDev, noExec bool
	volume                *yaml.Node // the source: what stands under emptyDir, hostPath …
}

// propagations are those of Kubernetes, and mount(8)'s.
var propagations = map[string]string{"": "", "None": "", "HostToContainer": "rslave", "Bidirectional": "rshared"}

// readMounts reads each mount with its volume.
func readMounts(r *reader, n *yaml.Node) {
	for _, v := range r.list(n) {
		r.at(field(v, "mountPath"))
		m := mount{target: scalarAt(v, "mountPath"), sub: scalarAt(v, "subPath")}
		if !plainMount(r, v, &m) {
			r.note(at(container.VolumeAt), "a mount at %s is not read", clip(m.target))
			r.note(at(container.SecretOf), "a mount at %s is not read", clip(m.target))
			continue
		}
		if strings.Contains(m.target, ":") {
			r.note(at(container.VolumeAt), "what stands behind the colon of %s podman kube play takes for options, and a kubelet for the path", clip(m.target))
		}
		mountOne(r, scalarAt(v, "name"), m)
	}
}

// plainMount tells whether all that a mount says is understood.
func plainMount(r *reader, v *yaml.Node, m *mount) bool {
	for _, e := range entries(v) {
		if _, known := mountFields[e.key.Value]; !known {
			return false
		}
	}
	if ro := field(v, "readOnly"); !null(ro) {
		var known bool
		if m.readOnly, known = r.truth(ro, at(container.VolumeAt)); !known {
			return false
		}
	}
	if r.play && !playMount(m) {
		return false
	}
	propagation, known := propagations[scalarAt(v, "mountPropagation")]
	m.propagation = propagation
	return known && path.IsAbs(m.target) && !templated(m.target+m.sub) && scalarAt(v, "subPathExpr") == "" && !strings.Contains(m.target+m.sub, "\x00")
}

// mount reads the volume of a mount.
func mountOne(r *reader, name string, m mount) {
	v := r.volumes[name]
	var kinds []string
	for _, e := range entries(v) {
		if e.key.Value != "name" {
			kinds = append(kinds, e.key.Value)
			m.volume = e.value
		}
	}
	m.target = path.Clean(m.target)
	switch {
	case v == nil || len(kinds) > 1:
		r.note(at(container.VolumeAt), "what is mounted at %s is not said", clip(m.target))
	case len(kinds) == 0:
		mountMemory(r, m) // an emptyDir is what a volume without a source is
	case m.sub != "" && contains("emptyDir persistentVolumeClaim configMap downwardAPI projected", kinds[0]):
		r.aside(m.volume, at(container.VolumeAt, m.target), "the subPath %s has no setting", clip(m.sub))
		sources[kinds[0]](r, m)
	case sources[kinds[0]] == nil:
		r.note(at(container.VolumeAt), "what a volume of %s mounts at %s is not read", clip(kinds[0]), clip(m.target))
		r.note(at(container.MountOther), "what a volume of %s mounts is not read", clip(kinds[0]))
	default:
		sources[kinds[0]](r, m)
	}
}

func bindAt(r *reader, m mount, v container.Volume) {
	v.ReadOnly, v.Propagation = v.ReadOnly || m.readOnly, m.propagation
	v.Relabel, v.NoSuid, v.NoDev, v.NoExec = m.relabel, m.noSuid, m.noDev, m.noExec
	container.VolumeAt.Set(r.spec, m.target, v, r.mark)
	r.decides(container.VolumeAt, m.target)
}

// dirMode is what a kubelet makes an emptyDir with.
const dirMode = 0o777

func mountMemory(r *reader, m mount) {
	switch medium := scalarAt(m.volume, "medium"); medium {
	case "Memory":
	case "":
		bindAt(r, m, container.Volume{})
		return
	default: // huge pages
		r.note(at(container.VolumeAt), "an emptyDir of %s is not read", clip(medium))
		return
	}
	t := memory(0, m.readOnly)
	if limit := field(m.volume, "sizeLimit"); !null(limit) {
		v, ok := r.quantity(limit, 1, at(container.TmpfsAt, m.target))
		if !ok {
			r.note(at(container.TmpfsAt), "the size of what is mounted at %s is not known", clip(m.target))
		}
		t.Size = v
	}
	if m.target == shm && t.Size > 0 {
		container.ShmSize.Set(r.spec, t.Size, r.mark)
		r.decides(container.ShmSize)
	}
	container.TmpfsAt.Set(r.spec, m.target, t, r.mark)
	r.decides(container.TmpfsAt, m.target)
}

func mountHostPath(r *reader, m mount) {
	source := scalarAt(m.volume, "path")
	if !path.IsAbs(source) || templated(source) || strings.Contains(source, "\x00") {
		r.note(at(container.VolumeAt), "which path of the node is mounted at %s is not known", clip(m.target))
		return
	}
	bindAt(r, m, container.Volume{Source: path.Join(source, m.sub)})
}

// mountClaim: what is behind a claim may be a path of a node too.
func mountClaim(r *reader, m mount) {
	name := scalarAt(m.volume, "claimName")
	ro := false
	if v := field(m.volume, "readOnly"); !null(v) {
		ro, _ = r.truth(v, at(container.VolumeAt))
	}
	if r.play { // a volume of that name
		bindAt(r, m, container.Volume{Source: name, ReadOnly: ro})
		return
	}
	bindAt(r, m, container.Volume{Source: name, ReadOnly: ro, Open: true})
	r.note(at(container.VolumeAt, m.target), "what the claim %s is bound to, only the cluster knows", clip(name))
}

func mountSecretFiles(r *reader, m mount) {
	name := scalarAt(m.volume, "secretName")
	s := container.Secret{Type: "mount", Target: m.target}
	if files := items(field(m.volume, "items")); len(files) != 1 || scalarAt(files[0], "path") != m.sub || scalarAt(files[0], "key") != name {
		r.aside(m.volume, at(container.SecretOf, name), "a secret of Kubernetes is a directory of files, and that of Podman one file of its name")
	}
	if mode := field(m.volume, "defaultMode"); !null(mode) {
		v, _ := r.number(mode, at(container.SecretOf, name))
		s.Mode = uint32(v & 0o7777)
	}
	if name == "" || templated(name) {
		r.note(at(container.SecretOf), "which secret is mounted at %s is not known", clip(m.target))
		return
	}
	container.SecretOf.Set(r.spec, name, s, r.mark)
	r.decides(container.SecretOf, name)
}

// mountImage mounts what is in an image, read-only, as --mount type=image does.
func mountImage(r *reader, m mount) {
	name := scalarAt(m.volume, "reference")
	if name == "" || templated(name) || strings.Contains(name+m.target+m.sub, ",") {
		r.note(at(container.MountOther), "which image is mounted at %s is not known", clip(m.target))
		return
	}
	words := "type=image,source=" + name + ",destination=" + m.target
	if m.sub != "" {
		words += ",subpath=" + m.sub
	}
	had, _, _ := container.MountOther.Get(r.spec)
	container.MountOther.Set(r.spec, append(had, words), r.mark)
	r.decides(container.MountOther)
	r.note(at(container.MountOther), "what a mount of type image brings in is not judged")
}

// mountFiles are files that the cluster keeps, read-only for the container.
func mountFiles(key, called string) func(*reader, mount) {
	return func(r *reader, m mount) {
		name := called
		if key != "" {
			name = scalarAt(m.volume, key)
		}
		bindAt(r, m, container.Volume{Source: name, ReadOnly: true})
	}
}

// mountProjected joins files of several objects, of which the token is the one that
// opens the API server.
func mountProjected(r *reader, m mount) {
	v := container.Volume{Source: "projected", ReadOnly: true}
	for _, s := range r.list(field(m.volume, "sources")) {
		if field(s, "serviceAccountToken") != nil || field(s, "podCertificate") != nil {
			v.Source = tokenDir
		}
		if field(s, "secret") != nil {
			r.note(at(container.SecretOf), "a projected volume at %s has files of a Secret", clip(m.target))
		}
	}
	bindAt(r, m, v)
}

func readBlockDevices(r *reader, n *yaml.Node) {
	had, _, _ := container.Device.Get(r.spec)
	for _, d := range r.list(n) {
		had = append(had, scalarAt(d, "devicePath"))
	}
	container.Device.Set(r.spec, had, r.mark)
	r.decides(container.Device)
}
