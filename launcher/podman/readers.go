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

	"github.com/zlaunch/zlaunch/launcher/claim"
)

// removeLimit is how long the removal of a reader may take after the caller's
// context has ended.
const removeLimit = 20 * time.Second

// readImage gives f a container of the image that never runs. It is claimed, so
// that another call can remove it where this one is killed.
func (e *Engine) readImage(ctx context.Context, imageID string, f func(ctx context.Context, id string) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, imageLimit)
	defer cancel()
	token := claim.NewToken()
	c := claim.Claim{Kind: claim.Reader, Token: token, Engine: e.Place(), Name: "zlaunch-reader-" + token[:12], Time: time.Now(), Owner: thisProcess()}
	body := map[string]any{
		"image":             imageID,
		"name":              c.Name,
		"command":           []string{"/none"},
		"labels":            map[string]string{claim.ReaderLabel: token},
		"netns":             map[string]string{"nsmode": "none"},
		"image_volume_mode": "ignore",
	}
	if err := e.claims.Put(c); err != nil {
		return err
	}
	if c.ID, _, err = e.create(ctx, fmt.Sprintf("reading image %.12s", printable(imageID)), body); err != nil {
		if Answered(err) {
			err = errors.Join(err, e.claims.Drop(c.Kind, c.Token))
		}
		return err
	}
	defer func() {
		rerr := e.removeReader(ctx, c.ID)
		if rerr == nil {
			rerr = e.claims.Drop(c.Kind, c.Token)
		}
		if err == nil {
			err = rerr
		}
	}()
	if err := e.claims.Put(c); err != nil {
		return err
	}
	return f(ctx, c.ID)
}

// removeReader removes a reader although ctx may have ended.
func (e *Engine) removeReader(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeLimit)
	defer cancel()
	err := e.Remove(ctx, id, RemoveOptions{Force: true}) // it ignores the image's volumes
	if errors.Is(err, ErrNoContainer) {
		return nil
	}
	return err
}

// ReapReaders removes the readers that programs left behind which were killed.
func (e *Engine) ReapReaders(ctx context.Context) error {
	list, err := e.claims.All(claim.Reader)
	errs := []error{err}
	for _, c := range list {
		if processLives(c.Owner) || !c.On(e.Place()) {
			continue
		}
		gone, err := e.RemoveUnstarted(ctx, c)
		if err == nil && gone && c.Over(time.Now()) {
			err = e.claims.Drop(c.Kind, c.Token)
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
