package shell

import (
	"encoding/json"
	"fmt"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// dockerd answers docker's client so far that it sends the request that would make a
// container, and keeps that.
type dockerd struct {
	socket string
	sent   chan created
}

// created is what of a create request of docker is compared.
type created struct {
	HostConfig struct {
		Binds        []string
		NetworkMode  string
		PidMode      string
		IpcMode      string
		UsernsMode   string
		CgroupnsMode string
		Privileged   bool
		CapAdd       []string
		CapDrop      []string
		SecurityOpt  []string
		MaskedPaths  *[]string
		PortBindings map[string][]struct{ HostIP, HostPort string } // docker spells it HostIp; JSON does not mind
		Mounts       []struct {
			Type, Source, Target string
			ReadOnly             bool
			VolumeOptions        *struct {
				DriverConfig *struct{ Options map[string]string }
			}
		}
	}
}

func newDockerd(t *testing.T) *dockerd {
	t.Helper()
	if _, err := exec.LookPath("docker"); err != nil {
		t.Skip("LOUD: there is no docker here, so that nothing is held against its client")
	}
	if out, err := exec.Command("docker", "--version").CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "Docker version") {
		t.Skipf("LOUD: docker is not Docker's own client: %.60s %v", out, err)
	}
	d := &dockerd{socket: filepath.Join(t.TempDir(), "s"), sent: make(chan created, 1)}
	l, err := net.Listen("unix", d.socket)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/_ping", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Api-Version", "1.47")
		w.Header().Set("Ostype", "linux")
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, q *http.Request) {
		if !strings.HasSuffix(q.URL.Path, "/containers/create") {
			http.NotFound(w, q)
			return
		}
		var c created
		if err := json.NewDecoder(q.Body).Decode(&c); err != nil {
			t.Error(err)
		}
		d.sent <- c
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"Id":"abc","Warnings":[]}`)
	})
	s := &http.Server{Handler: mux}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return d
}

// create is what docker's client sends for a line; ok is false where it refuses it.
func (d *dockerd) create(t *testing.T, args ...string) (c created, ok bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "docker", slices.Concat([]string{"-H", "unix://" + d.socket, "create"}, args, []string{"x"})...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Logf("docker refuses %q: %.100s", args, out)
		return c, false
	}
	return <-d.sent, true
}

// sees is the request in our rows.
func (c created) sees() map[string]string {
	out := map[string]string{"network": c.HostConfig.NetworkMode, "pid": c.HostConfig.PidMode, "ipc": c.HostConfig.IpcMode, "userns": c.HostConfig.UsernsMode,
		"cgroupns": c.HostConfig.CgroupnsMode, "privileged": fmt.Sprint(c.HostConfig.Privileged), "unmasked": fmt.Sprint(c.HostConfig.MaskedPaths != nil)}
	var binds, ports, caps []string
	for _, b := range c.HostConfig.Binds {
		part := strings.SplitN(b, ":", 3)
		binds = append(binds, part[0]+">"+part[1]+fmt.Sprint(len(part) > 2 && slices.Contains(strings.Split(part[2], ","), "ro")))
	}
	for _, m := range c.HostConfig.Mounts {
		if m.Type == "tmpfs" {
			binds = append(binds, "tmpfs>"+m.Target)
			continue
		}
		if o := m.VolumeOptions; o != nil && o.DriverConfig != nil && o.DriverConfig.Options["device"] != "" {
			m.Source += "=" + o.DriverConfig.Options["device"]
		}
		binds = append(binds, m.Source+">"+m.Target+fmt.Sprint(m.ReadOnly))
	}
	for p, list := range c.HostConfig.PortBindings {
		for _, b := range list {
			ports = append(ports, b.HostIP+":"+b.HostPort+">"+p)
		}
	}
	for _, k := range c.HostConfig.CapAdd {
		caps = append(caps, "+"+strings.TrimPrefix(strings.ToLower(k), "cap_"))
	}
	for _, k := range c.HostConfig.CapDrop {
		caps = append(caps, "-"+strings.TrimPrefix(strings.ToLower(k), "cap_"))
	}
	for _, list := range [][]string{binds, ports, caps} {
		slices.Sort(list)
	}
	out["mounts"], out["ports"], out["caps"] = fmt.Sprint(binds), fmt.Sprint(ports), fmt.Sprint(caps)
	return out
}

// seen is a reading in the same words.
func seen(s *container.Spec) map[string]string {
	network := "default"
	if len(s.Network) > 0 {
		network = s.Network[0]
	}
	out := map[string]string{"network": network, "pid": s.Pid, "ipc": s.Ipc, "userns": s.Userns, "cgroupns": s.Cgroupns,
		"privileged": fmt.Sprint(s.Privileged), "unmasked": fmt.Sprint(slices.Contains(s.Unmask, "ALL"))}
	var binds, ports, caps []string
	for at, v := range s.Volume {
		if v.Device != "" {
			v.Source += "=" + v.Device
		}
		binds = append(binds, v.Source+">"+at+fmt.Sprint(v.ReadOnly))
	}
	for at := range s.Tmpfs {
		binds = append(binds, "tmpfs>"+at)
	}
	for key, p := range s.Publish {
		key, _, _ = strings.Cut(key, "@")
		_, proto, _ := strings.Cut(key, "/")
		first, last, _ := container.PortRange(key)
		for i := range last - first + 1 {
			host := ""
			if p.HostPort != 0 {
				host = fmt.Sprint(p.HostPort + i)
			}
			ports = append(ports, fmt.Sprintf("%s:%s>%d/%s", p.HostIP, host, first+i, proto))
		}
	}
	for _, k := range s.CapAdd {
		caps = append(caps, "+"+k)
	}
	for _, k := range s.CapDrop {
		caps = append(caps, "-"+k)
	}
	for _, list := range [][]string{binds, ports, caps} {
		slices.Sort(list)
	}
	out["mounts"], out["ports"], out["caps"] = fmt.Sprint(binds), fmt.Sprint(ports), fmt.Sprint(caps)
	return out
}

// dockerSpellings are documented spellings of docker's own grammar, and neighbours of
// theirs.
var dockerSpellings = []string{
	"--network host", "--net=host", "--network name=host", "--network name=HOST", "--network NAME=Net1,alias=x", `--network "name=host"`,
	"--network ip=10.0.0.2,name=net3", "--network name=net1,ip=10.0.0.2,gw-priority=1", "--network name=net1,driver-opt=a=b", "--network a,b", "--network container:c",
	"--network name=container:c", "--network bridge --network net2", "--network none",
	"--mount type=bind,src=/,dst=/h", "--mount TYPE=bind,SRC=/,DST=/h", "--mount Type=BIND,Source=/etc,Target=/h,ReadOnly",
	"--mount type=bind,source=/srv,destination=/h,readonly=true", "--mount type=bind,source=/srv,target=/h,ro=false", "--mount type=bind,source=/srv,target=/h,RO",
	"--mount source=vol,target=/h", "--mount type=volume,src=vol,dst=/h,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/etc",
	"--mount TYPE=volume,SRC=vol,DST=/h,VOLUME-OPT=device=/etc", "--mount type=tmpfs,dst=/h,tmpfs-size=1m,tmpfs-mode=0700", `--mount "type=bind","src=/",dst=/h`,
	"--mount type=bind,src=/srv,dst=/h,Bind-Propagation=RSHARED", "--mount type=bind,src=/srv,dst=/h,bind-recursive=disabled,consistency=cached",
	"-p 22:22", "-p published=22,target=22", "-p target=22,published=2222,protocol=udp", "-p published=8000-8001,target=80-81", "-p 127.0.0.1:80:80",
	"-p published=127.0.0.1:80,target=80", "-p target=80", "-p published=80,target=80,mode=host", "-p published=80,target=80,host_ip=127.0.0.1",
	"-p [::1]:80:80/udp", "-p 80", "-p 8000-8002:80", "-p 127.0.0.1::80",
	"-v /:/h", "-v /srv:/h:ro,z", "-v vol:/h", "-v /srv:/h:RO", "-v /srv:/h:rw,rshared",
	"--pid=host", "--pid=container:c", "--ipc=host", "--ipc=shareable", "--userns=host", "--cgroupns=host", "--privileged", "--privileged=false", "--privileged=0", "--privileged=T",
	"--security-opt systempaths=unconfined", "--cap-add ALL", "--cap-add=sys_admin --cap-drop=CAP_CHOWN",
}

// What is read of docker's own spellings is what docker's client makes of them.
func TestDockerReadsThem(t *testing.T) {
	d := newDockerd(t)
	compared := 0
	for _, line := range dockerSpellings {
		args := strings.Fields(line)
		sent, ok := d.create(t, args...)
		r, err := command.Read(slices.Concat([]string{"docker", "create"}, args, []string{"x"}))
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if !ok { // it runs nothing
			continue
		}
		compared++
		want, got := sent.sees(), seen(r.Spec)
		for k := range want {
			if want[k] != got[k] && !(k == "ports" && strings.Contains(want[k], "-")) { // a range that the daemon chooses from
				t.Errorf("%s: %s is %s to docker, and %s here; open: %v", line, k, want[k], got[k], r.Open)
			}
		}
	}
	if compared < 50 {
		t.Errorf("only %d lines were compared", compared)
	}
}
