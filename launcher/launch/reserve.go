package launch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// attempts bounds the search for a free name or port: fifty launches at once
// are a promise, a thousand a mistake.
const attempts = 1000

// reservation holds names and ports for one launch until its container has them.
type reservation struct{ locks []*record.Lock }

func (r *reservation) release() {
	if r == nil {
		return
	}
	for _, k := range r.locks {
		k.Release()
	}
	r.locks = nil
}

// reserve settles the container's name and host ports. What was typed is taken
// as typed or refused; what zlaunch chose moves on to the next one free.
func (l *Runner) reserve(ctx context.Context, s *container.Spec, taken func(name string) (bool, error)) (*reservation, error) {
	r := &reservation{}
	if err := l.reserveName(r, s, taken); err != nil {
		r.release()
		return nil, err
	}
	for _, k := range container.Publish.Keys(s) {
		if err := l.reservePort(ctx, r, s, k); err != nil {
			r.release()
			return nil, err
		}
	}
	return r, nil
}

func (l *Runner) reserveName(r *reservation, s *container.Spec, taken func(string) (bool, error)) error {
	base, mark, _ := container.Name.Get(s)
	for i := range attempts {
		name := base
		if i > 0 {
			name = base + "-" + strconv.Itoa(i+1)
		}
		k, err := l.Dirs.Locks().Try("name-" + name)
		if err == nil {
			used, err := taken(name)
			if err == nil && !used {
				r.locks = append(r.locks, k)
				container.Name.Set(s, name, mark)
				return nil
			}
			k.Release()
			if err != nil {
				return err
			}
		} else if !errors.Is(err, record.ErrHeld) {
			return err
		}
		if plan.TypedMark(mark) {
			return hint.Errorf("podman ps -a --filter name="+base+"; or choose another --name", "naming the container %q: the name is taken", base)
		}
	}
	return fmt.Errorf("naming the container %q: no free name in %d tries", base, attempts)
}

func (l *Runner) reservePort(ctx context.Context, r *reservation, s *container.Spec, key string) error {
	p, mark, _ := container.Publish.Get(s, key)
	first := p.HostPort
	for range attempts {
		k, err := l.Dirs.Locks().Try(portLock(p.HostPort))
		if err == nil && portFree(p) {
			r.locks = append(r.locks, k)
			if p.HostPort != first {
				l.tell(fmt.Sprintf("port %d is taken: using %d for %s", first, p.HostPort, key))
				container.Publish.Set(s, key, p, mark)
			}
			return nil
		}
		if err == nil {
			k.Release()
		} else if !errors.Is(err, record.ErrHeld) {
			return err
		}
		if plan.TypedMark(mark) {
			return hint.Errorf("ss -ltnp 'sport = :"+strconv.Itoa(int(first))+"'; or choose another with -p HOST:NAME",
				"publishing %s: port %d of %s is taken%s", key, first, p.HostIP, l.portHolder(ctx, p.HostIP, first))
		}
		if p.HostPort++; p.HostPort < 1024 {
			break
		}
	}
	return fmt.Errorf("publishing %s: no free port from %d on", key, first)
}

// portFree tells whether the port can be listened on now.
func portFree(p container.Port) bool {
	ln, err := net.Listen("tcp", net.JoinHostPort(p.HostIP, strconv.Itoa(int(p.HostPort))))
	if err != nil {
		return false
	}
	ln.Close()
	return true
}

func portLock(port uint16) string { return "port-" + strconv.Itoa(int(port)) }
