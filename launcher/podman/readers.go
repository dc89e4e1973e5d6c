package podman

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/internal/claim"
)

// removeLimit is how long the removal of a reader may take after the caller's
// context has ended.
const removeLimit = 20 * time.Second

// readers are containers that never run, to read files of images through.
type readers struct {
	containers Containers
	claims     claim.Dir
	place      string // see [Engine.Place]
}

func readersOf(e *Engine) readers { return readers{e.Containers, e.Claims, e.Place()} }

// readImage gives f a container of the image that never runs. It is claimed, so
// that another call can remove it where this one is killed.
func (rs readers) readImage(ctx context.Context, imageID string, f func(ctx context.Context, id string) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, imageLimit)
	defer cancel()
	token := claim.NewToken()
	c := claim.Claim{Kind: claim.Reader, Token: token, Engine: rs.place, Name: "zlaunch-reader-" + token[:12], Time: time.Now(), Owner: thisProcess()}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := rs.claims.Put(c); err != nil {
		return err
	}
	if c.ID, err = rs.create(ctx, c, imageID); err != nil {
		if Answered(err) {
			err = errors.Join(err, rs.claims.Drop(c.Kind, c.Token))
		}
		return err
	}
	defer func() {
		rerr := rs.removeReader(ctx, c.ID)
		if rerr == nil {
			rerr = rs.claims.Drop(c.Kind, c.Token)
		}
		if err == nil {
			err = rerr
		}
	}()
	if err := rs.claims.Put(c); err != nil {
		return err
	}
	return f(ctx, c.ID)
}

// create makes the container of a claim. Once asked, the engine is waited for although ctx may
// end: it would go on, and nobody would know of what.
func (rs readers) create(ctx context.Context, c claim.Claim, imageID string) (id string, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), imageLimit)
	defer cancel()
	body := map[string]any{
		"image":             imageID,
		"name":              c.Name,
		"command":           []string{"/none"},
		"user":              "0:0", // no file of an image can be read whose USER is not in its passwd
		"labels":            map[string]string{claim.ReaderLabel: c.Token},
		"netns":             map[string]string{"nsmode": "none"},
		"image_volume_mode": "ignore",
	}
	id, _, err = create(ctx, rs.containers.api, fmt.Sprintf("reading image %.12s", printable(imageID)), body)
	return id, err
}

// removeReader removes a reader although ctx may have ended.
func (rs readers) removeReader(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeLimit)
	defer cancel()
	err := rs.containers.Remove(ctx, id, RemoveOptions{Force: true}) // it ignores the image's volumes
	if errors.Is(err, ErrNoContainer) {
		return nil
	}
	return err
}

// reap removes those that programs left behind which were killed.
func (rs readers) reap(ctx context.Context) error {
	list, err := rs.claims.All(claim.Reader)
	errs := []error{err}
	for _, c := range list {
		if processLives(c.Owner) || !c.On(rs.place) {
			continue
		}
		gone, err := rs.containers.RemoveClaimed(ctx, c, false)
		if err == nil && gone && c.Over(time.Now()) {
			err = rs.claims.Drop(c.Kind, c.Token)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// thisProcess names this process for good: its pid and its start time. Where
// there is no /proc the pid stands alone.
func thisProcess() string {
	pid := strconv.Itoa(os.Getpid())
	start, err := startTime(filepath.Join("/proc", pid))
	if err != nil {
		return pid
	}
	return pid + "-" + start
}

// processLives tells whether a process of that name lives. A name that is none
// is nobody's.
func processLives(name string) bool {
	pid, start, _ := strings.Cut(name, "-")
	if n, err := strconv.Atoi(pid); err != nil || n <= 1 {
		return false
	}
	now, err := startTime(filepath.Join("/proc", pid))
	return err == nil && now == start
}
