package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/zlaunch/zlaunch/launcher/record"
)

// everything is the lock that pulls and launches share, and that is held alone by who removes.
const everything = "store"

// Session is one who puts a model into the store: nobody else puts the same one meanwhile, and
// nobody removes what no tree has yet.
type Session struct {
	Store
	manifest string
	shared   *record.Lock
	own      *record.Lock
}

// Open waits until nobody else puts the model of a manifest, and tells of that.
func (s Store) Open(ctx context.Context, manifest string, tell func(string)) (*Session, error) {
	if err := s.prepare(); err != nil {
		return nil, err
	}
	shared, err := s.locks().Share(ctx, everything, tell)
	if err != nil {
		return nil, err
	}
	own, err := s.alone(ctx, "model-"+hexOf(manifest), func() { tell("another zlaunch pulls the same model: waiting for it") })
	if err != nil {
		shared.Unshare()
		return nil, err
	}
	return &Session{s, manifest, shared, own}, nil
}

func (s Store) locks() record.Locks { return record.Locks(place(s).at(locksDir)) }

// poll is how often is looked whether a lock is free; who holds it may take hours.
const poll = 50 * time.Millisecond

// alone takes a lock, however long its owner takes.
func (s Store) alone(ctx context.Context, name string, wait func()) (*record.Lock, error) {
	for waits := 0; ; waits++ {
		k, err := s.locks().Try(name)
		if !errors.Is(err, record.ErrHeld) {
			return k, err
		}
		if waits == 20 {
			wait()
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for another zlaunch: %w", context.Cause(ctx))
		case <-time.After(poll):
		}
	}
}

// Keep holds a model that was found in the store, until release: nobody removes it meanwhile. It
// waits for who removes one now, and tells of that. The error is [fs.ErrNotExist] where this
// model was removed since it was found.
func (s Store) Keep(ctx context.Context, m Model, tell func(string)) (release func(), err error) {
	shared, err := s.locks().Share(ctx, everything, tell)
	if err != nil {
		return nil, err
	}
	_, err = s.Load(m.Manifest)
	if err == nil {
		return shared.Unshare, nil
	}
	shared.Unshare()
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("the model %s was removed from the store meanwhile: %w", m.Manifest, fs.ErrNotExist)
	}
	return nil, err
}

// Close lets the next one in.
func (s *Session) Close() {
	s.own.Release()
	s.shared.Unshare()
}

// Begin gives an empty tree to put the files of the model into. What somebody left of it who
// was killed goes away.
func (s *Session) Begin() (*Tree, error) {
	dir := place(s.Store).at(makingDir, hexOf(s.manifest))
	if err := removeTree(dir); err != nil {
		return nil, fmt.Errorf("removing what is left of a pull: %w", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the model's tree: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("making the model's tree: %w", err)
	}
	return &Tree{session: s, dir: dir, root: root, dirs: map[string]bool{".": true}}, nil
}

// Sign puts a model's signed statement beside its tree; nil takes away what is there.
func (s *Session) Sign(statement []byte) error {
	path := Model{Path: place(s.Store).tree(s.manifest)}.Statement()
	if statement == nil {
		return absentIsFine(os.Remove(path))
	}
	if err := writeWhole(path, statement); err != nil {
		return fmt.Errorf("keeping the model's statement: %w", err)
	}
	return nil
}

// Update writes the record of the model anew.
func (s *Session) Update(r Record) error {
	r.Schema, r.Manifest, r.Time = RecordSchema, s.manifest, r.Time.UTC().Truncate(time.Second)
	if err := place(s.Store).write(place(s.Store).at(modelsDir, hexOf(s.manifest)+".json"), r); err != nil {
		return fmt.Errorf("writing the record of the model: %w", err)
	}
	return nil
}

func absentIsFine(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
