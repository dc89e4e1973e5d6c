package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// exportedFiles are what runs are read from.
var exportedFiles = map[string]string{
	"compose.yaml": `# an ML server
services:
  triton:
    image: tritonserver:24.05
    ports: ["8000:8000"]
    volumes: ["./models:/models", "cache:/cache"]
    depends_on: [db]
  db:
    image: example.com/postgres:16
    environment: {POSTGRES_PASSWORD: hunter2}
volumes: {cache: }
`,
	"run.sh":    "cd /srv\ndocker run -d --name srv -v \"$MODELS:/models\" -p 8501:8501 tensorflow/serving\n",
	"known.sh":  "podman run --rm --network=none localhost/job:1 work\n",
	"pod.yaml":  "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  nodeSelector: {a: b}\n  containers:\n  - {name: web, image: 'web:1', volumeMounts: [{name: c, mountPath: /etc/c}]}\n  volumes: [{name: c, configMap: {name: settings}}]\n",
	"a b,c.sh":  "podman run -v $X:/x localhost/x:1\n",
	"net.yml":   "services:\n  web:\n    image: x.io/y:1\n    networks: [n]\n    volumes:\n    - {type: volume, source: v, target: /x, volume: {subpath: p}}\nnetworks: {n: {internal: true}}\nvolumes: {v: {name: w}}\n",
	"pod.sh":    "podman pod create --name p -p 127.0.0.1:80:80\npodman run --pod p localhost/x:1\n",
	"web.yaml#": "services: {x: {image: y}}",
}

// A file's run is written so that it means the same, or an error names what it would lose.
func TestExportFile(t *testing.T) {
	for _, c := range []struct {
		args   string
		status int
		says   []string // on either output; with a leading '!', not
	}{
		{"compose.yaml#triton --to quadlet", 0, []string{
			"Image=docker.io/library/tritonserver:24.05", "ContainerName=triton", "Volume=/dir/models:/models:rw", "AddCapability=net_raw", "PidsLimit=-1",
			"[Network]", "VolumeName=project_cache", "compose.yaml:7: depends_on", "!hunter2", "ReadOnlyTmpfs=false"}},
		{"compose.yaml --to quadlet", 2, []string{"holds 2 runs", "compose.yaml#triton\n", "compose.yaml#db\n", "-o DIR"}},
		{"compose.yaml#none --to quadlet", 3, []string{"no run in it is called none", "compose.yaml#db"}},
		{"compose.yaml --to quadlet -o OUT", 0, []string{"wrote /out/triton.container", "wrote /out/db.container"}},
		{"compose.yaml --to compose -o OUT", 2, []string{"several runs would be compose.yaml"}},
		{"run.sh --to podman", 3, []string{"run.sh:2: volume[/models]: $MODELS is expanded by the shell", "--allow-loss run.sh:2"}},
		{"run.sh --to podman --allow-loss run.sh:1", 3, []string{"run.sh:2"}},
		{"run.sh --to podman --allow-loss run.sh:2", 0, []string{"# lost, as allowed: run.sh:2: ", "--cap-add=net_raw", "docker.io/tensorflow/serving", "!MODELS:"}},
		{"run.sh --to docker --allow-loss run.sh:2", 0, []string{"    tensorflow/serving", "!--cap-add"}},
		{"known.sh --to podman", 0, []string{"podman \\\n    run \\\n    --network=none", "localhost/job:1 \\\n    work", "!--detach"}},
		{"known.sh --to kube --allow-loss image_volume,pids_limit,ulimit,log_driver,read_only_tmpfs,systemd,http_proxy,no_healthcheck,shm_size,ipc,ZL-802", 0, []string{"kind: Job"}},
		{"pod.yaml --to podman", 3, []string{"pod.yaml:7: volume[/etc/c]: its files are of an object of the cluster"}},
		{"pod.yaml --to podman --allow-loss volume", 0, []string{"pod.yaml:5: nodeSelector", "docker.io/library/web:1", "--security-opt=seccomp=unconfined", "a node of the cluster decides", "!settings"}},
		{"known.sh", 2, []string{"--to names the form"}},
		{"known.sh --to podman --models .", 2, []string{"--models is for the run of a profile"}},
		{"web --to podman --harden", 2, []string{"a profile is hardened as it is"}},
		{"compose.yaml#triton --to quadlet --harden --allow-loss restart", 0, []string{"DropCapability=all", "ReadOnly=true", "!AddCapability", "mended ", "stays, "}},
		{"known.sh --harden", 0, []string{"--- known.sh\n", " --cap-drop=all --security-opt=no-new-privileges --read-only", "mended "}},
		{"web.yaml# --to podman", 0, []string{"docker.io/library/y"}},
		{"a b,c.sh --to podman --allow-loss a-b-c.sh:1", 0, []string{"# lost, as allowed: a-b-c.sh:1: "}},
		{"net.yml --to podman", 3, []string{"net.yml:4: network: internal of the network n has no setting", "net.yml:6: volume[/x]: volume.subpath has no setting"}},
		{"net.yml --to podman --allow-loss network,net.yml:6", 0, []string{"podman network create project_n", "--volume=w:/x:rw"}},
		{"pod.sh#2 --to podman", 3, []string{"pod.sh:2: pod: no word of podman that zlaunch writes says p"}},
		{"none.sh --to podman", 3, []string{"no such file"}},
	} {
		w, out := webWorld(t), t.TempDir()
		for name, text := range exportedFiles {
			w.write(t, name, text)
		}
		file, rest, _ := strings.Cut(strings.ReplaceAll(c.args, "OUT", out), " --")
		args := []string{"export", file}
		if rest != "" {
			args = append(args, strings.Fields("--"+rest)...)
		}
		if args[1] != "web" {
			args[1] = filepath.Join(w.dir, args[1])
		}
		status := w.run(args...)
		text := strings.NewReplacer(filepath.Base(w.dir)+"_", "project_", w.dir, "/dir", out, "/out").Replace(w.stdout.String() + w.stderr.String())
		if status != c.status {
			t.Errorf("%s: %d\n%s", c.args, status, text)
		}
		for _, says := range c.says {
			if not, is := strings.CutPrefix(says, "!"); strings.Contains(text, strings.TrimPrefix(says, "!")) == is {
				t.Errorf("%s: %q, %v\n%s", c.args, not, is, text)
			}
		}
	}
}

// A profile is meant before a file of its name, which is said; where there is none, the file
// is.
func TestProfileBeforeFile(t *testing.T) {
	w := webWorld(t)
	t.Chdir(w.dir)
	for _, name := range []string{"web", "makefile"} {
		if err := os.WriteFile(name, []byte("run:\n\tpodman run --network=none localhost/job:1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, says := range map[string]string{"web": "web is the profile; the file of that name is ./web", "makefile": "no profile is called makefile", "./web": "localhost/job:1"} {
		w.stdout.Reset()
		w.stderr.Reset()
		args := []string{"export", name, "--to", "podman"}
		if name == "web" {
			args = append(args, anyHost...)
		}
		if status := w.run(args...); status != 0 || !strings.Contains(w.stdout.String()+w.stderr.String(), says) {
			t.Errorf("%s: %d\n%s%s", name, status, w.stdout.String(), w.stderr.String())
		}
	}
}
