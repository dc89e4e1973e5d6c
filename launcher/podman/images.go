package podman

import (
	"archive/tar"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

const (
	// maxImageFile bounds a file read from an image.
	maxImageFile = 1 << 20
	// imageLimit is how long reading a few files of an image may take, the making
	// and removing of the reader included: a second on an idle host.
	imageLimit = 2 * time.Minute
	// maxLinks is how many links are followed to it.
	maxLinks = 4
)

// Image inspects an image the engine holds. The error is [ErrNoImage] where it
// does not. A private service is not asked again while its images are the same.
func (e *Engine) Image(ctx context.Context, ref string) (*effective.Image, error) {
	if img, known := e.recall.image(ref); known {
		if img == nil {
			return nil, noImage(ref)
		}
		return img, nil
	}
	before := e.recall.stamp()
	img, err := inspectImage(ctx, e.api, ref)
	e.recall.keep(ref, before, img, err)
	return img, err
}

// noImage is the error of an image that the engine does not hold.
func noImage(ref string) error {
	return hint.Wrap(fmt.Errorf("inspecting image %q: %w", ref, ErrNoImage), "podman pull "+ref)
}

func inspectImage(ctx context.Context, a *api, ref string) (*effective.Image, error) {
	var r struct {
		ID                       string `json:"Id"`
		Digest, Architecture, Os string
		Size                     int64
		Created                  time.Time
		RepoTags, RepoDigests    []string
		Annotations              map[string]string
		ManifestType             string
		Healthcheck              *struct{ Test []string }
		Config                   struct {
			User, WorkingDir, StopSignal string
			Env, Entrypoint, Cmd         []string
			Volumes, ExposedPorts        map[string]struct{}
			Labels                       map[string]string
		}
	}
	req := request{doing: fmt.Sprintf("inspecting image %q", ref), method: "GET", path: escaped("images", ref) + "/json", limit: queryLimit}
	if _, err := a.do(ctx, req, &r); err != nil {
		switch {
		case errors.Is(err, ErrNoImage):
			err = noImage(ref) // which Podman says three times
		case errors.Is(err, ErrImageName):
			err = hint.Wrap(err, "an image is NAME:TAG or NAME@sha256: and 64 hexadecimal digits, NAME in lower case")
		}
		return nil, err
	}
	img := &effective.Image{
		ID: r.ID, Digest: r.Digest, Arch: r.Architecture, OS: r.Os, Size: r.Size, Created: r.Created,
		User: r.Config.User, Workdir: r.Config.WorkingDir, StopSignal: r.Config.StopSignal,
		Env: r.Config.Env, Entrypoint: r.Config.Entrypoint, Cmd: r.Config.Cmd, Labels: r.Config.Labels, Annotations: r.Annotations,
		Exposed: slices.Sorted(maps.Keys(r.Config.ExposedPorts)), Volumes: slices.Sorted(maps.Keys(r.Config.Volumes)), RepoTags: r.RepoTags, RepoDigests: r.RepoDigests,
		Docker: strings.HasPrefix(r.ManifestType, "application/vnd.docker."),
	}
	if r.Healthcheck != nil {
		img.Healthcheck = r.Healthcheck.Test
	}
	return img, nil
}

// readContainerFile reads a file of a container; the engine resolves links
// inside the container's root, and those it leaves are followed here, by asking
// again. What it is is asked first: the engine opens a pipe for reading, and waits
// for somebody to write to it with the container locked.
func (rs readers) readContainerFile(ctx context.Context, id, name string) ([]byte, error) {
	for range maxLinks {
		name = path.Clean("/" + name)
		link, err := rs.regularFile(ctx, id, name)
		if err != nil {
			return nil, err
		}
		var data []byte
		if link == "" {
			data, link, err = rs.archived(ctx, id, name)
		}
		if err != nil {
			return nil, err
		}
		if link == "" {
			return data, nil
		}
		if !path.IsAbs(link) {
			link = path.Join(path.Dir(name), link)
		}
		name = link
	}
	return nil, fmt.Errorf("reading %s in the image: more than %d links", name, maxLinks)
}

// pathStat is the header in which the engine tells what a path is: base64 of JSON,
// as Docker's archive API has it.
const pathStat = "X-Docker-Container-Path-Stat"

// regularFile wants a regular file of bounded size, or the target of a link.
func (rs readers) regularFile(ctx context.Context, id, name string) (link string, err error) {
	doing := fmt.Sprintf("reading %s in the image", name)
	ctx, cancel := context.WithTimeout(ctx, queryLimit)
	defer cancel()
	resp, err := rs.containers.api.send(ctx, request{doing: doing, method: "HEAD",
		path: escaped("containers", id) + "/archive", query: url.Values{"path": {name}}})
	if err != nil {
		return "", err
	}
	resp.Body.Close()
	if resp.StatusCode == http.StatusNotFound {
		return "", fmt.Errorf("%s: %w", doing, fs.ErrNotExist)
	}
	if resp.StatusCode >= 400 {
		return "", fmt.Errorf("%s: the engine answers %s", doing, resp.Status)
	}
	link, err = parseStat(resp.Header.Get(pathStat))
	if err != nil {
		err = fmt.Errorf("%s: %w", doing, err)
	}
	return link, err
}

// errLarge is a file of an image that is there and is not read.
var errLarge = fmt.Errorf("more than %d bytes", maxImageFile)

// parseStat reads the header. Size and mode are as Go's os package has them.
func parseStat(header string) (link string, err error) {
	var st struct {
		Size       int64
		Mode       fs.FileMode
		LinkTarget string
	}
	text, err := base64.StdEncoding.DecodeString(header)
	if err == nil {
		err = json.Unmarshal(text, &st)
	}
	switch {
	case err != nil:
		return "", fmt.Errorf("what it is is not told: %w", err)
	case st.Mode.Type() == fs.ModeSymlink && st.LinkTarget != "":
		return st.LinkTarget, nil
	case !st.Mode.IsRegular():
		return "", errors.New("not a regular file")
	case st.Size > maxImageFile:
		return "", errLarge
	}
	return "", nil
}

// archived fetches name through the archive API: a regular file's content, or a
// link's target.
func (rs readers) archived(ctx context.Context, id, name string) (data []byte, link string, err error) {
	doing := fmt.Sprintf("reading %s in the image", name)
	ctx, cancel := context.WithTimeout(ctx, queryLimit)
	defer cancel()
	resp, err := rs.containers.api.send(ctx, request{doing: doing, method: "GET",
		path: escaped("containers", id) + "/archive", query: url.Values{"path": {name}}})
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 400 {
		err := replyError(doing, resp)
		if isNotFound(err) && !errors.Is(err, ErrNoContainer) {
			err = fmt.Errorf("%s: %w", doing, fs.ErrNotExist)
		}
		return nil, "", err
	}
	data, link, err = untarOne(resp.Body)
	if err != nil {
		err = fmt.Errorf("%s: %w", doing, err)
	}
	return data, link, err
}

// untarOne reads the first entry of an archive: a regular file of bounded size,
// or a link.
func untarOne(r io.Reader) (data []byte, link string, err error) {
	t := tar.NewReader(io.LimitReader(r, maxImageFile+(64<<10))) // headers and padding
	h, err := t.Next()
	if err == io.EOF {
		return nil, "", errors.New("the archive is empty")
	}
	if err != nil {
		return nil, "", err
	}
	switch h.Typeflag {
	case tar.TypeReg:
		if h.Size > maxImageFile {
			return nil, "", errLarge
		}
		data, err = readBounded(t, maxImageFile)
		return data, "", err
	case tar.TypeSymlink, tar.TypeLink:
		if h.Linkname == "" {
			return nil, "", errors.New("a link without a target")
		}
		return nil, h.Linkname, nil
	}
	return nil, "", errors.New("not a regular file")
}
