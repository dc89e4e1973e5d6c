package podman

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/google/renameio/v2"
	"github.com/zlaunch/zlaunch/launcher/effective"
)

// recall keeps between runs of this program what a private service said of
// images, so that a plan need not start one: 60 ms of its 80, measured. What was
// kept counts as long as neither the podman program nor the index its storage
// replaces with every change of an image is another file. A launch would notice
// a wrong answer: the proof compares the image's ID.
type recall struct {
	dir, index string
	env        func(string) string // the caller's environment
}

// kept is one answer as it stands in the cache.
type kept struct {
	Stamp   string           `json:"stamp"`
	Version string           `json:"version,omitempty"`
	Image   *effective.Image `json:"image"` // nil: not there
}

// stamp names the state that answers of the engine depend on; "" where that
// cannot be told, and then nothing is kept.
func (r recall) stamp() string {
	if r.dir == "" || r.index == "" {
		return ""
	}
	podman, err := findPodman(r.env)
	if err != nil {
		return ""
	}
	h := sha256.New()
	fmt.Fprintln(h, "with exposed ports healthchecks and days") // what an older program kept of an image lacks them
	for _, file := range []string{podman, r.index} {
		info, err := os.Stat(file)
		if err != nil {
			return ""
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return ""
		}
		fmt.Fprintln(h, file, info.Size(), info.ModTime().UnixNano(), st.Ino, st.Dev)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// file is where an answer is kept. A short name may mean another image after a
// change of registries.conf, so only what names its registry is kept.
func (r recall) file(ref string) string {
	first, _, slash := strings.Cut(ref, "/")
	if !slash || first != "localhost" && !strings.ContainsAny(first, ".:") {
		return ""
	}
	return filepath.Join(r.dir, fmt.Sprintf("image-%x.json", sha256.Sum256([]byte(ref))))
}

// load reads what was kept under stamp.
func (r recall) load(file, stamp string) (k kept, ok bool) {
	if file == "" || stamp == "" {
		return k, false
	}
	data, err := readFile(file, maxImageFile)
	return k, err == nil && json.Unmarshal(data, &k) == nil && k.Stamp == stamp
}

// image returns what was kept of ref; known tells whether anything was.
func (r recall) image(ref string) (img *effective.Image, known bool) {
	k, ok := r.load(r.file(ref), r.stamp())
	return k.Image, ok
}

// version returns the version of the podman program, "" when it was not kept.
func (r recall) version() string {
	k, _ := r.load(filepath.Join(r.dir, "engine.json"), r.stamp())
	return k.Version
}

// keep keeps the answer to a question that was asked while the stamp was before:
// where it is another by now, the answer may be of either time. An answer that
// cannot be kept is only slower next time.
func (r recall) keep(ref, before string, img *effective.Image, err error) {
	if before == "" || before != r.stamp() || err != nil && !errors.Is(err, ErrNoImage) {
		return
	}
	if file := r.file(ref); file != "" {
		_ = storeJSON(file, kept{Stamp: before, Image: img})
	}
}

func (r recall) keepVersion(version string) {
	if stamp := r.stamp(); stamp != "" && r.version() != version {
		_ = storeJSON(filepath.Join(r.dir, "engine.json"), kept{Stamp: stamp, Version: version})
	}
}

// storeJSON writes a file of the cache, whole or not at all.
func storeJSON(file string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return renameio.WriteFile(file, data, 0o600)
}
