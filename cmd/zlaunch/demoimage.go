package main

import (
	"bytes"
	"context"
	"debug/elf"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/plan"
)

// demoServer is the name of the program in the demo's image: zlaunch itself, which serves
// under it.
const demoServer = "zlaunch-demo"

// demoFiles are the other files of the image.
var demoFiles = map[string]string{
	"rootfs/etc/passwd": "root:x:0:0:root:/:/sbin/nologin\nibm-user:x:1000:1000:ibm-user:/tmp:/sbin/nologin\n",
	"rootfs/etc/group":  "root:x:0:\nibm-user:x:1000:\n",
	"Containerfile": `FROM scratch
COPY rootfs/ /
USER ibm-user
WORKDIR /
EXPOSE 8000/tcp 8001/tcp
ENTRYPOINT ["/zlaunch-demo"]
CMD ["--model-repository=/models"]
`,
}

// build lays the image out and has podman build it; nothing is fetched, and nothing of it
// is run.
func (d *demo) build(ctx context.Context) error {
	image := filepath.Join(d.dir, "image")
	if err := layOut(image); err != nil {
		return fmt.Errorf("laying the demo's image out: %w", err)
	}
	line := []string{"build", "--quiet", "--format", "docker", "--pull=never", "--isolation", "chroot", "--layers=false", "--timestamp", "0",
		"--tag", plan.DemoImage, image}
	d.typed("podman " + strings.Join(append(line[:len(line)-1:len(line)-1], "./image"), " "))
	cmd := d.l.Engine.CLI(ctx, line...)
	var said bytes.Buffer
	cmd.Stderr = &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // a Ctrl-C would leave a working container behind
	id, err := cmd.Output()
	if err != nil {
		return hint.Errorf("podman info", "building %s: %w: %s", plan.DemoImage, err, strings.TrimSpace(said.String()))
	}
	d.note("%s is %.12s", plan.DemoImage, strings.TrimPrefix(strings.TrimSpace(string(id)), "sha256:"))
	return nil
}

// layOut writes what the image is built of. Modes are spelt out, whatever the umask.
func layOut(dir string) error {
	root := filepath.Join(dir, "rootfs")
	for _, name := range []string{"", "etc", "models", "proc", "sys", "dev", "run", "tmp"} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
		if err := os.Chmod(path, 0o755); err != nil {
			return err
		}
	}
	if err := os.Chmod(filepath.Join(root, "tmp"), 0o777|os.ModeSticky); err != nil {
		return err
	}
	for name, text := range demoFiles {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
		if err := os.Chmod(path, 0o644); err != nil {
			return err
		}
	}
	return copySelf(filepath.Join(root, demoServer))
}

// copySelf copies the running program, which must need no library.
func copySelf(to string) error {
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		return err
	}
	defer self.Close()
	program, err := elf.NewFile(self)
	if err != nil {
		return err
	}
	for _, p := range program.Progs {
		if p.Type == elf.PT_INTERP {
			return hint.Errorf("build zlaunch with CGO_ENABLED=0, as make build does", "this zlaunch is linked dynamically, and runs in no image without libraries")
		}
	}
	if _, err := self.Seek(0, io.SeekStart); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, self); err != nil {
		out.Close()
		return err
	}
	if err := out.Chmod(0o755); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
