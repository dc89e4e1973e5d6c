package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestNetworkOrders: a proxy on an internal network and on one with a way out, in both
// orders. Which of them answers on a published port is Podman's (27349); that the server
// behind reaches nothing is not for the order to decide.
func TestNetworkOrders(t *testing.T) {
	p := shows(t, "networks", "whichever network of a proxy is named first, the server behind it reaches nothing but the proxy")
	w := newWorld(t)
	before := w.settled()
	const inner, edge, server, front = "zlaunch-e2e-order-in", "zlaunch-e2e-order-out", "zlaunch-e2e-order-server", "zlaunch-e2e-order-front"
	t.Cleanup(func() {
		w.podman("rm", "-f", "-t", "0", server, front)
		w.podman("network", "rm", "-f", inner, edge)
		w.unchanged(before)
	})
	w.mustPodman("network", "create", "--internal", "--disable-dns", inner)
	w.mustPodman("network", "create", edge)
	w.mustPodman("run", "-d", "--name", server, "--network", inner, image, "obey", "8000")
	address := func(name, network string) string {
		return strings.TrimSpace(w.podman("inspect", "--format", fmt.Sprintf("{{(index .NetworkSettings.Networks %q).IPAddress}}", network), name).stdout)
	}
	for _, order := range []string{edge + "," + inner, inner + "," + edge} {
		port := freePort(t)
		w.mustPodman("run", "-d", "--name", front, "--network", order, "-p", fmt.Sprintf("127.0.0.1:%d:8000", port), image, "serve", "8000")
		err := fmt.Errorf("it was not asked")
		for range patience(50) {
			if err = answers200(fmt.Sprintf("127.0.0.1:%d", port), false); err == nil {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		if err != nil && strings.HasPrefix(order, edge) {
			t.Errorf("in the order that a gateway has, %s, the published port does not answer: %v", order, err)
		}
		if got := w.podman("exec", front, "/workload", "connect", address(server, inner)+":8000"); got.code != 0 {
			t.Errorf("in the order %s the proxy does not reach the server: %s", order, got.stderr)
		}
		for _, to := range []string{address(front, edge) + ":8000", "192.0.2.1:80", "169.254.169.254:80"} {
			if got := w.podman("exec", server, "/workload", "connect", to); got.code == 0 {
				t.Errorf("in the order %s the server reaches %s", order, to)
			}
		}
		p.saw("%s: the published port answers: %t; the server reaches nothing", order, err == nil)
		w.mustPodman("rm", "-f", "-t", "0", front)
	}
}
