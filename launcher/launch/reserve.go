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
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// attempts bounds the search for a free name or port: fifty launches at once
// are a promise, a thousand a mistake.
const attempts = 1000

// reservation holds a name and ports for one launch until its container has them.
type reservation struct {
	locks  record.Locks
	engine *podman.Engine // says who has a port; nil: not known
	tell   func(string)
	held   []*record.Lock
}

func (r *reservation) release() {
	for _, k := range r.held {
		k.Release()
	}
	r.held = nil
}

// settle takes the container's name and host ports, instead of those it holds. What
// was typed is taken as typed or refused; what zlaunch chose moves on to the next one
// free.
func (r *reservation) settle(ctx context.Context, s *container.Spec, taken func(name string) (bool, error)) error {
	r.release()
	err := r.name(s, taken)
	for _, k := range container.Publish.Keys(s) {
		if err == nil {
			err = r.port(ctx, s, k)
		}
	}
	if err != nil {
		r.release()
	}
	return err
}

func (r *reservation) name(s *container.Spec, taken func(string) (bool, error)) error {
	base, mark, _ := container.Name.Get(s)
	for i := range attempts {
		name := base
		if i > 0 {
			name = base + "-" + strconv.Itoa(i+1)
		}
		k, err := r.locks.Try("name-" + name)
		if err == nil {
			used, err := taken(name)
			if err == nil && !used {
				r.held = append(r.held, k)
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

func (r *reservation) port(ctx context.Context, s *container.Spec, key string) error {
	p, mark, _ := container.Publish.Get(s, key)
	first := p.HostPort
	for range attempts {
		k, err := r.locks.Try(portLock(p.HostPort))
		if err == nil && portFree(p) {
			r.held = append(r.held, k)
			if p.HostPort != first {
				r.tell(fmt.Sprintf("port %d is taken: using %d for %s", first, p.HostPort, key))
				mark.Origin = append([]container.Origin{{Layer: container.LayerDerived, Key: plan.TakenPort}}, mark.Origin...)
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
				"publishing %s: port %d of %s is taken%s", key, first, p.HostIP, portHolder(ctx, r.engine, p.HostIP, first))
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

// Free refuses a plan whose name or ports somebody has: for a service takes them as they
// are planned at every start.
func Free(ctx context.Context, l *Runner, p *plan.Plan) error {
	name, _, _ := container.Name.Get(p.Stated)
	used, err := l.Engine.Containers.Exists(ctx, name)
	if err == nil && used {
		err = hint.Errorf("podman ps -a --filter name="+name+"; or another --name", "naming the container %q: the name is taken", name)
	}
	for _, key := range container.Publish.Keys(p.Stated) {
		if at, _, _ := container.Publish.Get(p.Stated, key); err == nil && !portFree(at) {
			err = hint.Errorf("another with -p HOST:NAME", "publishing %s: port %d of %s is taken%s", key, at.HostPort, at.HostIP, portHolder(ctx, l.Engine, at.HostIP, at.HostPort))
		}
	}
	return err
}
