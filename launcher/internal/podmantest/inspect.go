package podmantest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/docker/go-units"
)

func (s *Server) inspect(w http.ResponseWriter, r *http.Request, name string) {
	s.containers.with(w, r, name, func(c *Container) {
		img, _ := s.imageOf(c.Request.Image)
		out := c.inspected(img, s.Pid)
		if s.Inspect != nil {
			s.Inspect(c, out)
		}
		reply(w, out)
	})
}

// inspected is the container as podman inspect shows it; pid is that of its first process
// where it has one.
func (c *Container) inspected(img Image, pid int) map[string]any {
	q := c.Request
	labels := map[string]string{}
	if own, ok := img.Config["Labels"].(map[string]string); ok {
		maps.Copy(labels, own)
	}
	maps.Copy(labels, q.Labels)
	config := map[string]any{"Labels": labels, "OpenStdin": q.Stdin, "StopTimeout": q.StopTimeout, "SystemdMode": false, "CreateCommand": q.Command,
		"User": q.User, "Umask": q.Umask, "WorkingDir": cmp.Or(q.WorkDir, "/"), "Hostname": q.Hostname, "Tty": q.Terminal}
	if q.HealthConfig != nil {
		config["Healthcheck"] = q.HealthConfig
	}
	if c.State != "initialized" && c.State != "running" {
		pid = 0
	}
	mode, networks := q.NetNS.NSMode, map[string]any{}
	for n := range q.Networks {
		networks[n], mode = map[string]any{}, "bridge"
	}
	ports := map[string]any{}
	for _, p := range q.PortMappings {
		ports[fmt.Sprintf("%d/%s", p.ContainerPort, p.Protocol)] = []map[string]any{{"HostIp": p.HostIP, "HostPort": strconv.Itoa(p.HostPort)}}
	}
	host := c.hostConfig()
	host["NetworkMode"], host["PortBindings"] = mode, ports
	argv := append(slices.Clone(q.Entrypoint), q.Argv...)
	if own, ok := img.Config["Entrypoint"].([]string); ok && len(q.Entrypoint) == 0 {
		argv = append(slices.Clone(own), q.Argv...)
	}
	return map[string]any{
		"Id": c.ID, "Path": strings.Join(argv[:min(1, len(argv))], ""), "Args": argv[min(1, len(argv)):], "Name": q.Name, "Image": img.ID, "ImageName": q.Image, "Config": config,
		"State":           map[string]any{"Status": c.State, "Pid": pid, "ExitCode": c.Code, "StartedAt": c.Started},
		"HostConfig":      host,
		"NetworkSettings": map[string]any{"Networks": networks},
	}
}

// hostConfig is the part of an inspection that tells of the engine's side.
func (c *Container) hostConfig() map[string]any {
	q := c.Request
	out := map[string]any{
		"Privileged": q.Privileged, "AutoRemove": q.Remove, "Init": q.Init, "ReadonlyRootfs": q.ReadOnly, "ShmSize": q.ShmSize,
		"PidMode": q.PidNS.NSMode, "IpcMode": q.IpcNS.NSMode, "UTSMode": q.UtsNS.NSMode, "CgroupMode": q.CgroupNS.NSMode,
		"UsernsMode": strings.TrimSuffix(q.UserNS.NSMode+":"+q.UserNS.Value, ":"), "RestartPolicy": map[string]any{"Name": cmp.Or(q.RestartPolicy, "no")},
		"LogConfig": map[string]any{"Type": q.LogConfiguration.Driver, "Size": units.HumanSize(float64(q.LogConfiguration.Size))},
	}
	if q.NoNewPrivs {
		out["SecurityOpt"] = []string{"no-new-privileges"}
	}
	tmpfs := map[string]string{}
	for _, m := range q.Mounts {
		if m.Type == "tmpfs" {
			tmpfs[m.Destination] = strings.Join(m.Options, ",")
		}
	}
	out["Tmpfs"] = tmpfs
	if m := q.Limits.Memory; m != nil {
		out["Memory"], out["MemorySwap"] = m.Limit, m.Swap
	}
	if p := q.Limits.Pids; p != nil {
		out["PidsLimit"] = p.Limit
	}
	return out
}
