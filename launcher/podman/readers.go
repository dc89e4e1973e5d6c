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
)

const (
	// ReaderLabel marks the containers through which images are read: created,
	// never started, removed. Its value names the process that made it.
	ReaderLabel = "io.zlaunch.reader"
	// removeLimit is how long the removal of a reader may take after the caller's
	// context has ended.
	removeLimit = 20 * time.Second
	// readerAge is how old a reader of another host's process must be to count as
	// left behind; reading takes seconds.
	readerAge = time.Hour
)

// readImage gives f a container of the image that never runs.
func (e *Engine) readImage(ctx context.Context, imageID string, f func(id string) error) (err error) {
	body := map[string]any{
		"image":             imageID,
		"command":           []string{"/none"},
		"labels":            map[string]string{ReaderLabel: thisProcess()},
		"netns":             map[string]string{"nsmode": "none"},
		"image_volume_mode": "ignore",
	}
	id, _, err := e.create(ctx, fmt.Sprintf("reading image %.12s", printable(imageID)), body)
	if err != nil {
		return err
	}
	defer func() {
		if rerr := e.removeReader(ctx, id); err == nil {
			err = rerr
		}
	}()
	return f(id)
}

// removeReader removes a reader although ctx may have ended.
func (e *Engine) removeReader(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeLimit)
	defer cancel()
	err := e.Remove(ctx, id, RemoveOptions{Force: true, Volumes: true})
	if errors.Is(err, ErrNoContainer) {
		return nil
	}
	return err
}

// ReapReaders removes the readers that programs left behind which were killed.
func (e *Engine) ReapReaders(ctx context.Context) error {
	list, err := e.List(ctx, map[string]string{ReaderLabel: ""})
	if err != nil {
		return err
	}
	var errs []error
	for _, c := range list {
		left := time.Since(c.Created) > readerAge
		if e.local {
			left = left || !processLives(c.Labels[ReaderLabel])
		}
		if left && c.State != "running" {
			errs = append(errs, e.removeReader(ctx, c.ID))
		}
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
