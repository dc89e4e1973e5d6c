package observe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// inspected is what counts of podman inspect (libpod/define/container_inspect.go);
// fields whose type changed between versions 4.3 and 5.8 are not among it. What settles a
// row of a plan is read here; what only an audit asks for, in [details].
type inspected struct {
	ID          string `json:"Id"`
	Name        string
	ImageName   string
	ImageDigest string
	Config      struct {
		Env         []string
		Labels      map[string]string
		OpenStdin   bool
		Healthcheck *struct{ Test []string }
		StopTimeout int64
		SystemdMode bool
		Secrets     []struct {
			Name string
			Mode uint32
		}
	}
	HostConfig struct {
		Privileged    bool
		AutoRemove    bool
		Init          bool
		NetworkMode   string
		PortBindings  map[string][]struct{ HostIp, HostPort string } //nolint:revive // podman's spelling
		RestartPolicy struct {
			Name              string
			MaximumRetryCount int
		}
		LogConfig struct {
			Type, Path, Tag, Size string
			Config                map[string]string
		}
	}
	NetworkSettings struct{ Networks map[string]json.RawMessage }
}

// Inspect reads podman inspect of one container, an object or a list of one, at
// [container.Inspected]. It sets the rows that no better evidence shows.
func Inspect(raw []byte, in Context) (*container.Spec, error) {
	if err := bounded("podman inspect", len(raw), maxText); err != nil {
		return nil, err
	}
	i, err := decodeInspect(raw)
	if err != nil {
		return nil, fmt.Errorf("reading podman inspect: %w", err)
	}
	s, mark := &container.Spec{}, seen(container.Inspected)
	container.Name.Set(s, strings.TrimPrefix(i.Name, "/"), mark)
	container.Image.Set(s, i.image(&in), mark)
	container.Privileged.Set(s, i.HostConfig.Privileged, mark)
	container.Rm.Set(s, i.HostConfig.AutoRemove, mark)
	container.Init.Set(s, i.HostConfig.Init, mark)
	container.Restart.Set(s, i.restart(), mark)
	container.StopTimeout.Set(s, i.Config.StopTimeout, mark)
	container.Systemd.Set(s, i.systemd(&in), mark)
	container.NoHealthcheck.Set(s, i.Config.Healthcheck != nil && slices.Equal(i.Config.Healthcheck.Test, []string{"NONE"}), mark)
	container.Interactive.Set(s, i.Config.OpenStdin, mark)
	container.Network.Set(s, i.networks(&in), mark)
	i.fillPublish(s)
	i.fillSecrets(s, &in)
	i.fillLog(s, &in)
	for _, k := range slices.Sorted(maps.Keys(i.Config.Labels)) {
		container.Labels.Set(s, k, i.Config.Labels[k], mark)
	}
	container.Labels.SetComplete(s, mark)
	if in.Audit {
		if err := fillDetails(s, raw, &in); err != nil {
			return nil, fmt.Errorf("reading podman inspect: %w", err)
		}
	}
	return s, nil
}

func decodeInspect(raw []byte) (*inspected, error) { return decodeOne[inspected](raw) }

func decodeOne[T any](raw []byte) (*T, error) {
	one := new(T)
	if raw = bytes.TrimSpace(raw); !bytes.HasPrefix(raw, []byte("[")) {
		return one, json.Unmarshal(raw, one)
	}
	var all []*T
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	if len(all) != 1 || all[0] == nil {
		return nil, errors.New("not exactly one container")
	}
	return all[0], nil
}

// image is the name the container was made from, in the plan's form where that
// names the same image: with the digest, or without the tag "latest".
func (i *inspected) image(in *Context) string {
	want, _ := planned(in, container.Image)
	repo, digest, has := strings.Cut(want, "@")
	got, gotDigest, _ := strings.Cut(i.ImageName, "@")
	if gotDigest == "" {
		gotDigest = i.ImageDigest
	}
	switch {
	case has && untagged(repo) == untagged(got) && digest == gotDigest,
		!has && want != "" && want+":latest" == i.ImageName:
		return want
	}
	return i.ImageName
}

// untagged takes a tag off a reference without digest.
func untagged(ref string) string {
	if c := strings.LastIndex(ref, ":"); c > strings.LastIndex(ref, "/") {
		return ref[:c]
	}
	return ref
}

// restart is "no" on 4.x as on 5.x, and "on-failure:3" with a count.
func (i *inspected) restart() string {
	p := i.HostConfig.RestartPolicy
	switch {
	case p.Name == "":
		return "no"
	case p.MaximumRetryCount > 0:
		return p.Name + ":" + strconv.Itoa(p.MaximumRetryCount)
	}
	return p.Name
}

// systemd tells only whether the mode is active; "true" in a plan leaves that to
// the command.
func (i *inspected) systemd(in *Context) string {
	if want, _ := planned(in, container.Systemd); want == "true" {
		return want
	}
	if i.Config.SystemdMode {
		return "always"
	}
	return "false"
}

// networks are the names of those the container is in, or the mode where there are none;
// a mode of the engine's own choice is called private where the plan leaves it to the
// engine.
func (i *inspected) networks(in *Context) []string {
	if n := slices.Sorted(maps.Keys(i.NetworkSettings.Networks)); len(n) > 0 {
		return n
	}
	want, _ := planned(in, container.Network)
	if slices.Equal(want, []string{"private"}) && (i.HostConfig.NetworkMode == "slirp4netns" || i.HostConfig.NetworkMode == "pasta") {
		return want
	}
	return []string{i.HostConfig.NetworkMode}
}

// fillPublish sets the published ports. A second address of one port has an
// element of its own, "8501/tcp@ADDRESS:PORT", which no plan has.
func (i *inspected) fillPublish(s *container.Spec) {
	for _, key := range slices.Sorted(maps.Keys(i.HostConfig.PortBindings)) {
		for n, b := range i.HostConfig.PortBindings[key] {
			port, _ := strconv.ParseUint(b.HostPort, 10, 16)
			p, elem := container.Port{HostIP: b.HostIp, HostPort: uint16(port)}, key
			if p.HostIP == "" {
				p.HostIP = "0.0.0.0"
			}
			if n > 0 {
				elem = key + "@" + p.HostIP + ":" + b.HostPort
			}
			container.Publish.Set(s, elem, p, seen(container.Inspected))
		}
	}
	container.Publish.SetComplete(s, seen(container.Inspected))
}

// fillLog sets the log driver and its options. A path is none where it is the engine's
// own choice, in the directory of the container.
func (i *inspected) fillLog(s *container.Spec, in *Context) {
	l, mark := i.HostConfig.LogConfig, seen(container.Inspected)
	container.LogDriver.Set(s, l.Type, mark)
	opts := maps.Clone(l.Config)
	if opts == nil {
		opts = map[string]string{}
	}
	if _, ok := plannedAt(in, container.LogOpt, "path"); ok || l.Path != "" && !enginesFile(l.Path, i.ID) {
		opts["path"] = l.Path
	}
	if l.Tag != "" {
		opts["tag"] = l.Tag
	}
	if l.Size != "" && l.Size != "0B" {
		opts["max-size"] = strings.ToLower(l.Size)
		if want, _ := plannedAt(in, container.LogOpt, "max-size"); humanSize(want) == l.Size {
			opts["max-size"] = want
		}
	}
	for _, k := range slices.Sorted(maps.Keys(opts)) {
		container.LogOpt.Set(s, k, opts[k], mark)
	}
	container.LogOpt.SetComplete(s, mark)
}

// enginesFile tells whether a file is one that the engine made for the container by
// itself: STORAGE/DRIVER-containers/ID/userdata/NAME.
func enginesFile(name, id string) bool {
	return id != "" && strings.HasSuffix(path.Dir(path.Clean(name)), "-containers/"+id+"/userdata")
}

// humanSize prints a size as inspect does: four digits, decimal units. It reads
// what --log-opt max-size takes, in which every unit is decimal, too; "" for
// anything else.
func humanSize(s string) string {
	const units = "kmgtp"
	s = strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(strings.TrimSpace(s)), "b"), "i")
	digits := strings.TrimRight(s, units+" ")
	unit := strings.TrimSpace(s[len(digits):])
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || n < 0 || len(unit) > 1 {
		return ""
	}
	for range strings.Index(units, unit) + min(len(unit), 1) {
		n *= 1000
	}
	i := 0
	for ; n >= 1000 && i < len(units); i++ {
		n /= 1000
	}
	return fmt.Sprintf("%.4g", n) + []string{"B", "kB", "MB", "GB", "TB", "PB"}[i]
}
