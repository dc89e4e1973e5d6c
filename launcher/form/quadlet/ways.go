package quadlet

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// way is how a unit says a row that no key of [ownKeys] does alone.
type way struct {
	keys   string // where it stands; "" and no why: in a key of the table
	nature string // the only value it has, said without a key
	why    string // what is lost, or why nothing is
	moot   bool   // it means nothing in a unit
	write  func(*writer) error
}

// ways are those rows by their keys.
var ways = map[string]way{
	container.Image.Key():   {keys: "Image=", write: sayImage},
	container.Args.Key():    {keys: "Exec=", write: sayExec},
	container.User.Key():    {keys: "User=, Group=", write: sayUser},
	container.Restart.Key(): {keys: "[Service] Restart=, [Unit] StartLimitBurst=", write: sayRestart},
	container.Rm.Key(): {moot: true, write: nothing,
		why: "systemd removes the container whenever the service ends"},
	container.Detach.Key():   {moot: true, write: nothing, why: "systemd waits, not the caller"},
	container.Replace.Key():  {moot: true, write: nothing, why: "the generator replaces a container of that name itself"},
	container.Name.Key():     {write: sayName},
	container.Cgroups.Key():  {write: sayCgroups},
	container.Sdnotify.Key(): {nature: "conmon", why: onceItRuns, write: saySdnotify},
}

const onceItRuns = "systemd counts the service as started once the container runs"

func nothing(*writer) error { return nil }

// sayImage: a name that ends like a unit would be read as one, which the proof finds.
func sayImage(w *writer) error {
	v, _, _ := container.Image.Get(w.spec)
	at := container.Path{Key: container.Image.Key()}
	if err := plainText(at, v); err != nil {
		return err
	}
	if !plainly(v) || strings.HasPrefix(v, "-") || strings.ContainsAny(v, " \t") {
		return hint.Errorf("name an image, as localhost/demo:latest", "writing a unit: %s is no name of an image", clipped(v))
	}
	w.container = append(w.container, "Image="+literal(v))
	return nil
}

// sayExec: Podman's generator drops an empty word and all behind it, and systemd takes ";" for
// the end of a command.
func sayExec(w *writer) error {
	args, _, _ := container.Args.Get(w.spec)
	if slices.Contains(args, "") || slices.Contains(args, ";") {
		w.lost(container.Args, `a unit cannot hand on a word that is empty or ";"`)
		return nil
	}
	var words []string
	for _, a := range args {
		if err := plainText(container.Path{Key: container.Args.Key()}, a); err != nil {
			return err
		}
		words = append(words, word(literal(a)))
	}
	if len(words) > 0 {
		w.container = append(w.container, "Exec="+strings.Join(words, " "))
	}
	w.args = args
	return nil
}

// sayUser: Podman 4.4 to 4.7 take a name in User= for 0, which is root.
func sayUser(w *writer) error {
	v, _, _ := container.User.Get(w.spec)
	if !w.v.since(4, 8) && strings.Trim(v, "0123456789:") != "" {
		w.lost(container.User, "Podman before 4.8 reads User= as a number, and takes a name for 0, which is root: give the uid")
		return nil
	}
	return w.option(container.User, command.Option{Name: "user", Value: v})
}

// sayName leaves the name to the generator where it is the generator's.
func sayName(w *writer) error {
	v, _, _ := container.Name.Get(w.spec)
	if v == "systemd-"+w.run.Name {
		return nil
	}
	return w.option(container.Name, command.Option{Name: "name", Value: v})
}

func sayCgroups(w *writer) error {
	v, _, _ := container.Cgroups.Get(w.spec)
	if v == "split" { // as the generator says itself
		return nil
	}
	return w.option(container.Cgroups, command.Option{Name: "cgroups", Value: v})
}

func saySdnotify(w *writer) error {
	if v, _, _ := container.Sdnotify.Get(w.spec); v != "conmon" {
		w.lost(container.Sdnotify, "%s", onceItRuns)
	}
	return nil
}

// optionsOf are the options by which Podman is told a row: those of a plan, or where a plan
// cannot have the value, those of a foreign line.
func optionsOf(row container.Row, s *container.Spec) ([]command.Option, error) {
	part := &container.Spec{}
	row.Copy(part, s)
	_, tmpfs := s.Tmpfs[shmTarget]
	if _, volume := s.Volume[shmTarget]; row.Key() == container.ShmSize.Key() && !tmpfs && !volume {
		container.ReadOnly.Copy(part, s)
		container.ReadOnlyTmpfs.Copy(part, s)
		container.Ipc.Copy(part, s)
	}
	all := podmanrun.All()
	at := slices.IndexFunc(all, func(o podmanrun.Option) bool { return o.Row.Key() == row.Key() })
	if at < 0 {
		return command.Write(part, "podman")
	}
	args, err := all[at : at+1].Args(part)
	if err != nil {
		only := &container.Spec{}
		row.Copy(only, s)
		options, foreign := command.Write(only, "podman")
		if foreign != nil {
			return nil, err
		}
		return options, nil
	}
	var out []command.Option
	for _, a := range args {
		out = append(out, command.AsOption(a))
	}
	return out, nil
}

// shmTarget is where the size of shared memory counts, see [podmanrun.Shm].
const shmTarget = "/dev/shm"
