// Package tried tries what a document of exposure says: from this host, from a throw-away
// container in a network, and from within the network of a container. It sends to
// 127.0.0.1, [::1] and addresses of containers alone, a bounded number of times.
package tried

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/exposure"
)

const (
	// eachTime is how long one try may take. A connection within one host takes less than
	// a millisecond; packets that a firewall drops are waited for.
	eachTime = 3 * time.Second
	// quietTime is how long a forwarder may take to find out that nobody listens behind
	// it, and to close: 1 ms measured.
	quietTime = 1500 * time.Millisecond
	// atOnce bounds the tries that go on together.
	atOnce = 32
)

// Order is what one vantage is to try.
type Order struct {
	Tries []exposure.Try `json:"tries"`
	Knock uint16         `json:"knock"` // the port of the probe's own listener on 127.0.0.1 of this host; 0 none
	Word  string         `json:"word"`  // what that says to whoever comes
	Front bool           `json:"front"` // what is dialled is a forwarder, which accepts before it knows who listens
}

// Do tries all of an order.
func Do(ctx context.Context, o Order) []exposure.Outcome {
	out := make([]exposure.Outcome, len(o.Tries))
	slots := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for i, t := range o.Tries {
		slots <- struct{}{}
		wg.Add(1)
		go func() {
			defer func() { <-slots; wg.Done() }()
			ctx, cancel := context.WithTimeout(ctx, eachTime*2)
			defer cancel()
			out[i] = o.one(ctx, t)
		}()
	}
	wg.Wait()
	return out
}

// one tries the addresses of a try until one is reached.
func (o Order) one(ctx context.Context, t exposure.Try) exposure.Outcome {
	best := exposure.Outcome{Got: exposure.Unknown}
	for _, at := range t.Addresses {
		got := o.at(ctx, t.Kind, at)
		if got.Got == exposure.Yes || t.Kind == exposure.Ask {
			return got
		}
		if got.Got == exposure.No || best.Detail == "" {
			best = got
		}
	}
	return best
}

func (o Order) at(ctx context.Context, kind string, at netip.AddrPort) exposure.Outcome {
	switch kind {
	case exposure.Dial:
		return dial(ctx, at, o.Front)
	case exposure.Bind:
		return bind(at)
	case exposure.Routed:
		return route(ctx, at)
	case exposure.Knock:
		return o.knock(ctx, at.Addr())
	case exposure.Ask:
		return ask(ctx, at)
	}
	return exposure.Outcome{Got: exposure.Unknown, Detail: "no such try"}
}

func dial(ctx context.Context, at netip.AddrPort, front bool) exposure.Outcome {
	conn, err := (&net.Dialer{Timeout: eachTime}).DialContext(ctx, "tcp", at.String())
	if err != nil {
		return exposure.Outcome{Got: exposure.No, Detail: reason(err)}
	}
	defer conn.Close()
	if !front {
		return exposure.Outcome{Got: exposure.Yes, Detail: "connected"}
	}
	_ = conn.SetReadDeadline(time.Now().Add(quietTime)) // of a TCP connection it never fails
	var timeout net.Error
	if _, err := conn.Read(make([]byte, 1)); err != nil && !(errors.As(err, &timeout) && timeout.Timeout()) {
		return exposure.Outcome{Got: exposure.No, Detail: "accepted, and closed at once: nobody listens behind it"}
	}
	return exposure.Outcome{Got: exposure.Yes, Detail: "connected"}
}

// reason is an error without the addresses, which stand beside it.
func reason(err error) string {
	var errno unix.Errno
	if errors.As(err, &errno) {
		return errno.Error()
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return "no answer"
	}
	return "failed"
}

// bind asks the kernel for an address, and lets go of it: one that is refused is
// somebody's. Nothing listens there meanwhile, and nothing is sent.
func bind(at netip.AddrPort) exposure.Outcome {
	unknown := func(err error) exposure.Outcome {
		return exposure.Outcome{Got: exposure.Unknown, Detail: fmt.Sprint("asking for the address: ", err)}
	}
	if !at.Addr().Is4() {
		return unknown(errors.ErrUnsupported)
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return unknown(err)
	}
	defer unix.Close(fd)
	unix.CloseOnExec(fd)                                                                  // SOCK_CLOEXEC would do both at once, but macOS has none
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil { // connections that ended do not count
		return unknown(err)
	}
	switch err := unix.Bind(fd, &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}); {
	case err == nil:
		return exposure.Outcome{Got: exposure.No, Detail: "the address is free"}
	case errors.Is(err, unix.EADDRINUSE):
		return exposure.Outcome{Got: exposure.Yes, Detail: "the address is taken"}
	default:
		return unknown(err)
	}
}

// route asks the kernel where it would send a datagram: connect(2) of UDP sends none.
func route(ctx context.Context, at netip.AddrPort) exposure.Outcome {
	conn, err := (&net.Dialer{}).DialContext(ctx, "udp", at.String())
	if err != nil {
		return exposure.Outcome{Got: exposure.No, Detail: reason(err)}
	}
	_ = conn.Close() // nothing was written to it
	return exposure.Outcome{Got: exposure.Yes, Detail: "there is a route"}
}

// knock reaches for the probe's own listener.
func (o Order) knock(ctx context.Context, at netip.Addr) exposure.Outcome {
	if o.Knock == 0 {
		return exposure.Outcome{Got: exposure.Unknown, Detail: "there was no listener to reach for"}
	}
	conn, err := (&net.Dialer{Timeout: eachTime}).DialContext(ctx, "tcp", netip.AddrPortFrom(at, o.Knock).String())
	if err != nil {
		return exposure.Outcome{Got: exposure.No, Detail: reason(err)}
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(eachTime)) // of a TCP connection it never fails
	got := make([]byte, len(o.Word))
	if n, _ := conn.Read(got); string(got[:n]) != o.Word {
		return exposure.Outcome{Got: exposure.No, Detail: "somebody else answered, or nobody"}
	}
	return exposure.Outcome{Got: exposure.Yes, Detail: "reached"}
}
