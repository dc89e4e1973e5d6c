package dockerrun

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// request is what Docker's client posts to make a container (Docker Engine API v1.41 to
// v1.50, ContainerCreate), as far as a row of ours is in it.
type request struct {
	name                   string
	Image, User, Hostname  string
	Entrypoint, Cmd, Env   []string
	WorkingDir             string
	Volumes                map[string]struct{}
	Labels                 map[string]string
	StopTimeout            *int64
	OpenStdin, Tty         bool
	Healthcheck            *struct{ Test []string }
	HostConfig             hostConfig
	NetworkingConfig       struct{ EndpointsConfig map[string]json.RawMessage }
	Domainname, MacAddress string // of no row, and never asked for
}

type hostConfig struct {
	Binds, GroupAdd, CapAdd, CapDrop, SecurityOpt []string
	MaskedPaths, ReadonlyPaths                    *[]string
	Mounts                                        []mount
	Tmpfs, Sysctls, Annotations                   map[string]string
	PortBindings                                  map[string][]struct{ HostIp, HostPort string }
	NetworkMode, IpcMode, PidMode, UTSMode        string
	CgroupnsMode, UsernsMode                      string
	Privileged, ReadonlyRootfs, AutoRemove        bool
	PublishAllPorts, OomKillDisable               bool
	Init                                          *bool
	ShmSize, Memory, MemorySwap, NanoCpus         int64
	PidsLimit                                     *int64
	CpuQuota, CpuShares, MemoryReservation        int64
	Ulimits                                       []struct {
		Name       string
		Soft, Hard int64
	}
	RestartPolicy struct {
		Name              string
		MaximumRetryCount int
	}
	LogConfig struct {
		Type   string
		Config map[string]string
	}
	Devices        []struct{ PathOnHost, PathInContainer, CgroupPermissions string }
	DeviceRequests []struct {
		Driver    string
		DeviceIDs []string
	}
	VolumesFrom, Dns, ExtraHosts, Links []string
}

type mount struct {
	Type, Source, Target string
	ReadOnly             bool
	BindOptions          *struct{ Propagation string }
	TmpfsOptions         *struct {
		SizeBytes int64
		Mode      uint32
	}
}

// apart are the rows that a request has otherwise than a spec that was read.
func (r *request) apart(s *container.Spec) []string {
	asked := r.rows()
	var out []string
	for _, row := range container.Rows {
		var want []string
		for _, set := range row.Settings(s) {
			if set.Path.Key == container.Env.Key() { // not as it is shown
				set.Value = s.Env[set.Path.Elem]
			}
			want = append(want, said(set))
		}
		got := asked[row.Key()]
		switch row.Key() {
		case container.Pull.Key(): // the client's own, and no part of the request
			continue
		}
		slices.Sort(want)
		slices.Sort(got)
		want = slices.DeleteFunc(want, nothing(row))
		if got = slices.DeleteFunc(got, nothing(row)); !slices.Equal(got, want) {
			out = append(out, fmt.Sprintf("%s: the client asks for %.300q, and %.300q was read", row.Key(), got, want))
		}
	}
	if h := r.HostConfig; h.UsernsMode != "" || h.PublishAllPorts || h.OomKillDisable || h.CpuQuota+h.CpuShares+h.MemoryReservation != 0 ||
		len(h.VolumesFrom)+len(h.Dns)+len(h.ExtraHosts)+len(h.Links) != 0 || r.Domainname+r.MacAddress != "" {
		out = append(out, fmt.Sprintf("more is asked for: %+v", h))
	}
	return out
}

// nothing are the values of a row that a request does not part from none.
func nothing(row container.Row) func(string) bool {
	return func(v string) bool {
		return v == "" || v == "false" || v == "0" || v == "[]" || v == row.Key()+"=default" || v == "no" && row.Key() == container.Restart.Key()
	}
}

// said is a setting as the request would have it.
func said(set container.Setting) string {
	v := fmt.Sprint(set.Value)
	switch set.Path.Key {
	case container.Cpus.Key():
		n, _ := strconv.ParseFloat(v, 64)
		v = fmt.Sprintf("%.0f", n*1e9)
	}
	switch x := set.Value.(type) {
	case container.Tmpfs:
		v = strings.Join(podmanrun.TmpfsOptions(x), ",")
	case []string:
		if set.Path.Key == container.CapDrop.Key() || set.Path.Key == container.CapAdd.Key() {
			v = fmt.Sprint(sorted(x))
		}
		if set.Path.Key == container.Device.Key() {
			v = fmt.Sprint(devices(x))
		}
	}
	if strings.HasPrefix(v, "/") && set.Path.Key == container.SeccompProfile.Key() {
		v = "the profile"
	}
	if set.Path.Elem != "" {
		return set.Path.Elem + " " + v
	}
	return v
}

// devices writes those of the host in full, and then the named ones.
func devices(in []string) []string {
	var paths, named []string
	for _, d := range in {
		parts := strings.Split(d, ":")
		switch {
		case !strings.HasPrefix(d, "/"):
			named = append(named, d)
		case len(parts) == 1:
			paths = append(paths, d+":"+d+":rwm")
		default:
			paths = append(paths, d)
		}
	}
	return append(paths, named...)
}

// rows are what is asked for, by row, in the words of [said].
func (r *request) rows() map[string][]string {
	h := &r.HostConfig
	out := map[string][]string{}
	add := func(row container.Row, v any) { out[row.Key()] = append(out[row.Key()], fmt.Sprint(v)) }
	add(container.Image, r.Image)
	add(container.Name, r.name)
	if r.Entrypoint != nil && !slices.Equal(r.Entrypoint, []string{""}) {
		add(container.Entrypoint, r.Entrypoint)
	}
	add(container.Args, r.Cmd)
	add(container.Workdir, r.WorkingDir)
	add(container.User, r.User)
	add(container.Hostname, r.Hostname)
	add(container.Interactive, r.OpenStdin)
	add(container.Tty, r.Tty)
	add(container.NoHealthcheck, r.Healthcheck != nil && slices.Equal(r.Healthcheck.Test, []string{"NONE"}))
	if r.StopTimeout != nil {
		add(container.StopTimeout, *r.StopTimeout)
	}
	pairs := func(row container.Row, m map[string]string) {
		for k, v := range m {
			add(row, k+" "+v)
		}
	}
	for _, e := range r.Env {
		k, v, _ := strings.Cut(e, "=")
		add(container.Env, k+" "+v)
	}
	pairs(container.Labels, r.Labels)
	pairs(container.Annotation, h.Annotations)
	pairs(container.Sysctl, h.Sysctls)
	pairs(container.LogOpt, h.LogConfig.Config)
	h.lists(add)
	h.scalars(add)
	r.mounts(add)
	return out
}
