package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/systemd"
)

// Store is where services are, and where they are changed.
type Store struct {
	Records
	Units   Units
	Manager Manager
	Keeper  Keeper
	Tell    func(string) // a step worth a line of its own
}

// Manager is the service manager of the user.
type Manager interface {
	Reload(ctx context.Context) error
	Start(ctx context.Context, unit string) error
	Restart(ctx context.Context, unit string) error
	Stop(ctx context.Context, units ...string) error
	Forgive(ctx context.Context, unit string)
	State(ctx context.Context, unit string) (systemd.State, error)
}

// Keeper looks after what services have in the engine.
type Keeper interface {
	Keep(ctx context.Context, imageID, tag string) error // so that no pull and no prune takes it away
	LetGo(ctx context.Context, tag string) error
	RemoveNetwork(ctx context.Context, name string) error // unless something uses it
}

// Records is where the records of services are.
type Records struct{ Dirs record.Dirs }

// ErrNone says that there is no service of that name.
var ErrNone = errors.New("no service of that name was installed by zlaunch")

// maxRecord bounds a record in bytes: three versions, each with its unit files.
const maxRecord = 16 << 20

func (rs Records) path(name string) string {
	return filepath.Join(rs.Dirs.State, "services", name+".json")
}

// Names lists the services by name, as far as their records can be listed.
func (rs Records) Names() []string {
	files, _ := os.ReadDir(filepath.Dir(rs.path("any")))
	var out []string
	for _, f := range files {
		if name, ok := strings.CutSuffix(f.Name(), ".json"); ok && CheckName(name) == nil {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Load reads the record of a service; [ErrNone] where there is none.
func (rs Records) Load(name string) (*Service, error) {
	if CheckName(name) != nil {
		return nil, fmt.Errorf("finding service %q: %w", name, ErrNone)
	}
	if err := rs.Dirs.Trusted(); err != nil {
		return nil, err
	}
	data, err := claim.ReadFile(rs.path(name), maxRecord)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, hint.Errorf("zlaunch ps; zlaunch install PROFILE", "finding service %s: %w", name, ErrNone)
	}
	s := &Service{}
	if err == nil {
		err = json.Unmarshal(data, s)
	}
	if err == nil {
		err = s.check(name)
	}
	if err != nil {
		return nil, hint.Errorf("without it the units of "+name+" are yours to remove: systemctl --user cat "+name+" names their files; and then "+rs.path(name),
			"reading the record of service %s: %w", name, err)
	}
	return s, nil
}

func (rs Records) save(s *Service) error {
	s.Schema = Schema
	data, err := json.MarshalIndent(s, "", "  ")
	if err == nil {
		err = record.WriteFile(rs.path(s.Name), append(data, '\n'))
	}
	if err != nil {
		return record.WritingTo(rs.Dirs.State, fmt.Errorf("writing the record of service %s: %w", s.Name, err))
	}
	return nil
}

// Fault keeps why the last start of a service failed, for those who cannot read the journal;
// "" forgets it.
func (rs Records) Fault(name, why string) error {
	path := strings.TrimSuffix(rs.path(name), ".json") + ".fault"
	if why == "" {
		return record.IgnoreAbsent(os.Remove(path))
	}
	return record.WriteFile(path, []byte(why+"\n"))
}

// LastFault is what [Records.Fault] kept; "" the last start that was held did not fail.
func (rs Records) LastFault(name string) string {
	data, err := claim.ReadFile(strings.TrimSuffix(rs.path(name), ".json")+".fault", maxFault)
	if err != nil || CheckName(name) != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}

// maxFault bounds what is read of a fault, in bytes: a line for each setting that differs.
const maxFault = 64 << 10

func (rs Records) drop(s *Service) error {
	return errors.Join(rs.Fault(s.Name, ""), record.IgnoreAbsent(os.Remove(rs.path(s.Name))))
}

// lock keeps two changes of one service apart. Whoever holds a start against its plan takes
// none: a change waits for the start.
func (st *Store) lock(ctx context.Context, name string) (*record.Lock, error) {
	return st.Dirs.Locks().Wait(ctx, "service-"+name, st.tell)
}

func (st *Store) tell(line string) {
	if st.Tell != nil {
		st.Tell(line)
	}
}
