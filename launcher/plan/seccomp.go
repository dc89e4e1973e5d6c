package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/seccomp"
)

// mostSeccomp bounds a seccomp profile; Podman's own has about 30 KiB.
const mostSeccomp = 1 << 20

// filter states the seccomp profile of a run.
type filter struct {
	*Plan
	host *host.Facts
	away bool   // the engine runs on another host, and reads its files there
	data string // the directory that zlaunch's own profile is kept in
}

// state turns the word inference into the file Podman will be pointed at, and
// reads whichever profile the run has, so that its filter can be proved.
func (f filter) state() error {
	p := f.Plan
	word, mark, stated := container.SeccompProfile.Get(p.Stated)
	switch {
	case !stated || word == "" || word == "default":
		container.SeccompProfile.Clear(p.Stated)
		if stated {
			container.SeccompProfile.Set(p.Stated, "", mark)
		}
		p.Seccomp, _ = f.host.Seccomp() // absent: the engine has its own built in, judged by its floor
		return nil
	case word == "unconfined":
		return nil
	case word == "inference":
		return f.inference(mark)
	}
	if f.away {
		return nil // a path on the engine's host, where it cannot be read from here
	}
	err := trust.Caller().Path(word)
	var data []byte
	if err == nil {
		data, err = readBounded(word)
	}
	if err != nil {
		return fmt.Errorf("reading the seccomp profile: %w", err)
	}
	p.Seccomp = data
	return nil
}

// inference points Podman at the embedded profile, under a name made of its
// content; [Plan.WriteFiles] writes it there.
func (f filter) inference(mark container.Mark) error {
	if f.away {
		return hint.Errorf("--podman-arg=--security-opt=seccomp=PATH, a path on the engine's host",
			"using the inference profile: the engine runs on another host and cannot read it here")
	}
	if !filepath.IsAbs(f.data) {
		return hint.Errorf("--podman-arg=--security-opt=seccomp=PATH", "using the inference profile: there is no data directory to keep it in")
	}
	p := f.Plan
	p.Seccomp = seccomp.Inference()
	sum := sha256.Sum256(p.Seccomp)
	p.ownSeccomp = filepath.Join(f.data, "seccomp", "inference-"+hex.EncodeToString(sum[:6])+".json")
	container.SeccompProfile.Set(p.Stated, p.ownSeccomp, mark)
	return nil
}

// WriteFiles writes what Podman is pointed at and zlaunch has in itself: the seccomp
// profile. It stays, for a printed line may be pasted later.
func (p *Plan) WriteFiles() error {
	if p.ownSeccomp == "" {
		return nil
	}
	if old, err := claim.ReadFile(p.ownSeccomp, int64(len(p.Seccomp))); err == nil && bytes.Equal(old, p.Seccomp) {
		return nil
	}
	if err := record.WriteFile(p.ownSeccomp, p.Seccomp); err != nil {
		return record.WritingTo(filepath.Dir(p.ownSeccomp), fmt.Errorf("writing the inference profile: %w", err))
	}
	return nil
}

// filterOf resolves the run's seccomp profile for this host as Podman does and
// names it by digest; "" where the profile is not known.
func filterOf(p *Plan) (string, error) {
	if word, _, _ := container.SeccompProfile.Get(p.Stated); word == "unconfined" {
		return "none", nil
	}
	if p.Seccomp == nil {
		return "", nil
	}
	profile, err := seccomp.Read(p.Seccomp)
	if err != nil {
		return "", fmt.Errorf("reading the seccomp profile: %w", err)
	}
	caps, _, _ := container.Capabilities.Get(p.Effective)
	resolved := profile.Resolve(runtime.GOARCH, caps)
	p.weak = seccomp.Floor(resolved, caps)
	return seccomp.Digest(resolved), nil
}

func readBounded(path string) ([]byte, error) {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, fmt.Errorf("%s is not a regular file", path))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostSeccomp+1))
	if err == nil && len(data) > mostSeccomp {
		err = fmt.Errorf("%s is larger than %d bytes", path, mostSeccomp)
	}
	return data, err
}
