package podmanrun

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Limits of what is read: far above any real command line (Linux allows 2 MiB
// in all), low enough that nothing read grows without bound.
const (
	maxArgs  = 10_000
	maxBytes = 4 << 20
)

// reading is a spec while options are read into it.
type reading struct {
	table Options
	spec  *container.Spec
	mark  container.Mark
}

// Read reads options of podman-run(1) into a stated spec, and returns what follows
// them, the first argument that is no option and all after it. Values mean what they
// mean to Podman; an option that zlaunch has no row for is an error that names the
// nearest it has. The marks name the origin.
func Read(o container.Origin, args []string) (s *container.Spec, rest []string, err error) {
	r := &reading{table: All(), spec: &container.Spec{}, mark: container.From(o)}
	if err := bounded(args); err != nil {
		return nil, nil, fmt.Errorf("reading podman-run options: %w", err)
	}
	if rest, err = r.parse(args); err != nil {
		return nil, nil, err
	}
	r.foldShm()
	return r.spec, rest, nil
}

func bounded(args []string) error {
	n := 0
	for _, a := range args {
		n += len(a)
	}
	if len(args) > maxArgs || n > maxBytes {
		return fmt.Errorf("%d arguments of %d bytes are too many", len(args), n)
	}
	return nil
}

// parse lets pflag, which Podman parses with, tell options from values.
func (r *reading) parse(args []string) ([]string, error) {
	readers := r.readers()
	fs := r.flags()
	err := fs.ParseAll(args, func(f *pflag.Flag, value string) error {
		if err := readers[f.Name](r, value); err != nil {
			return hint.Wrap(fmt.Errorf("reading --%s: %w", f.Name, err), "see podman-run(1), --"+f.Name)
		}
		return nil
	})
	var unknown *pflag.NotExistError
	switch {
	case errors.As(err, &unknown):
		return nil, r.unknown(unknown.GetSpecifiedName())
	case errors.Is(err, pflag.ErrHelp):
		return nil, r.unknown("help")
	case err != nil && hint.Of(err) == "":
		return nil, fmt.Errorf("reading podman-run options: %w", err)
	}
	return fs.Args(), err
}

func (r *reading) readers() map[string]func(*reading, string) error {
	out := map[string]func(*reading, string) error{"mount": readMount}
	for _, o := range r.table {
		if o.Name != "" {
			out[o.Name] = o.read
		}
	}
	out[securityOpt] = readSecurityOpt
	return out
}

func (r *reading) flags() *pflag.FlagSet {
	fs := pflag.NewFlagSet("podman run", pflag.ContinueOnError)
	fs.SetInterspersed(false)
	fs.Usage = func() {} // --help is no option here, and nothing is printed
	fs.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "net" {
			name = "network"
		}
		return pflag.NormalizedName(name)
	})
	fs.String("mount", "", "")
	for _, o := range r.table {
		if o.Name == "" || fs.Lookup(o.Name) != nil {
			continue
		}
		fs.StringP(o.Name, shorthands[o.Name], "", "")
		if _, isBool := o.Row.(container.Field[bool]); isBool && o.Name != securityOpt {
			fs.Lookup(o.Name).NoOptDefVal = "true"
		}
	}
	return fs
}

func (r *reading) unknown(name string) error {
	names := []string{"mount"}
	for _, o := range r.table {
		if o.Name != "" {
			names = append(names, o.Name)
		}
	}
	if len(name) == 1 {
		return hint.Errorf("write the long option", "reading podman-run options: zlaunch has no setting for -%s", clip(name))
	}
	next := "man podman-run; zlaunch judges only the options it knows"
	if near := hint.Nearest(name, names); near != "" {
		next = "the nearest option is --" + near
	}
	return hint.Errorf(next,
		"reading podman-run options: zlaunch has no setting for %q", "--"+clip(name))
}

// foldShm takes the tmpfs away that [Args] writes beside --shm-size.
func (r *reading) foldShm() {
	got, _, ok := container.TmpfsAt.Get(r.spec, shmTarget)
	want, needed := Shm(r.spec)
	if ok && needed && got == want {
		container.TmpfsAt.Delete(r.spec, shmTarget)
	}
	if len(container.TmpfsAt.Keys(r.spec)) == 0 {
		container.TmpfsAt.Clear(r.spec)
	}
}

// clip bounds what a hostile word costs and shows.
func clip(word string) string {
	if len(word) > 40 {
		return strings.ToValidUTF8(word[:40], "") + "…"
	}
	return word
}
