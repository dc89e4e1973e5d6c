package podman

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Change is one path of a container's root that differs from its image's. Mounts are no
// part of the root.
type Change struct {
	Path string
	Kind ChangeKind
}

// ChangeKind is what became of a path.
type ChangeKind int

// The kinds, by the numbers that the engine has for them (containers/storage).
const (
	Modified ChangeKind = iota // of a directory also: something in it changed
	Added
	Deleted
)

// Roots are the root file systems of containers and images, as far as they are looked
// through.
type Roots struct{ e *Engine }

// maxListing bounds what is read of a listing or an archive, whatever it says of itself:
// a path has at most 4 KiB, a usual one some 60 bytes.
const maxListing = 64 << 20

// Changes lists at most most changes of a container's root; more tells that there are
// others. What is told of them is the workload's: paths can hold anything.
func (rs Roots) Changes(ctx context.Context, id string, most int) (out []Change, more bool, err error) {
	doing := "listing what container " + short(id) + " wrote"
	ctx, cancel := context.WithTimeout(ctx, queryLimit)
	defer cancel()
	resp, err := rs.e.api.send(ctx, request{doing: doing, method: "GET", path: escaped("containers", id, "changes")})
	if err != nil {
		return nil, false, err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		return nil, false, replyError(doing, resp)
	}
	dec := json.NewDecoder(io.LimitReader(resp.Body, maxListing))
	if _, err := dec.Token(); err != nil { // [, or null where nothing changed
		return nil, false, fmt.Errorf("%s: reading the reply: %w", doing, err)
	}
	for dec.More() {
		if len(out) == most {
			return out, true, nil
		}
		var c Change
		switch err := dec.Decode(&c); {
		case errors.Is(err, io.ErrUnexpectedEOF) && len(out) > 0: // beyond maxListing
			return out, true, nil
		case err != nil:
			return out, false, fmt.Errorf("%s: reading the reply: %w", doing, err)
		}
		out = append(out, c)
	}
	return out, false, nil
}

// Entry is one file below a directory of a container. Whose it is the engine's archives do
// not tell: they give everything to root.
type Entry struct {
	Path string // absolute
	Dir  bool
	Size int64
}

// Tree lists a directory of a container, itself first, as an archive has it, and at most
// most entries: what the engine cannot walk through in [queryLimit], or in 64 MiB of
// files, is cut off, too. The error is [fs.ErrNotExist] where it is not there.
func (rs Roots) Tree(ctx context.Context, id, dir string, most int) ([]Entry, error) {
	doing := fmt.Sprintf("looking at %s of container %s", printable(dir), short(id))
	ctx, cancel := context.WithTimeout(ctx, queryLimit)
	defer cancel()
	resp, err := rs.e.api.send(ctx, request{doing: doing, method: "GET", path: escaped("containers", id) + "/archive", query: url.Values{"path": {dir}}})
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		err := replyError(doing, resp)
		if isNotFound(err) && !errors.Is(err, ErrNoContainer) {
			err = fmt.Errorf("%s: %w", doing, fs.ErrNotExist)
		}
		return nil, err
	}
	return entries(io.LimitReader(resp.Body, maxListing), dir, most), nil
}

// entries reads an archive of dir, as far as it goes.
func entries(r io.Reader, dir string, most int) (out []Entry) {
	t := tar.NewReader(r)
	for len(out) < most {
		h, err := t.Next()
		if err != nil {
			return out
		}
		_, below, _ := strings.Cut(strings.TrimSuffix(h.Name, "/"), "/") // behind the directory's own name
		if h.Size >= 0 {
			out = append(out, Entry{path.Join(dir, path.Clean("/"+below)), h.Typeflag == tar.TypeDir, h.Size})
		}
	}
	return out
}

// Trees lists directories of an image, as [Roots.Tree] does, by their paths; one that
// is not there has no entry.
func (rs Roots) Trees(ctx context.Context, imageID string, dirs []string, most int) (map[string][]Entry, error) {
	out := map[string][]Entry{}
	if len(dirs) == 0 {
		return out, nil
	}
	err := readersOf(rs.e).readImage(ctx, imageID, func(ctx context.Context, id string) error {
		for _, dir := range dirs {
			list, err := rs.Tree(ctx, id, dir, most)
			switch {
			case err == nil:
				out[dir] = list
			case !errors.Is(err, fs.ErrNotExist):
				return err
			}
		}
		return nil
	})
	return out, err
}

// Passwd reads an image's /etc/passwd; nil where it has none.
func (rs Roots) Passwd(ctx context.Context, imageID string) (data []byte, err error) {
	r := readersOf(rs.e)
	err = r.readImage(ctx, imageID, func(ctx context.Context, id string) error {
		data, err = r.readOptional(ctx, id, "/etc/passwd")
		return err
	})
	return data, err
}
