package podman

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
)

func TestNetworks(t *testing.T) {
	ctx, e := realEngine(t)
	name := "zlaunch-podman-test"
	c := claim.Claim{Kind: claim.Network, Token: claim.NewToken(), Name: name}
	n := Network{Name: name, Internal: true, Isolate: true, Labels: map[string]string{claim.LaunchLabel: c.Token}}
	t.Cleanup(func() {
		e.api.do(context.WithoutCancel(ctx), request{doing: "clearing up", method: "DELETE", path: escaped("networks", name)}, nil)
	})
	var made atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			created, err := e.Networks.Ensure(ctx, n)
			if err != nil {
				t.Error(err)
			}
			if created {
				made.Add(1)
			}
		}()
	}
	wg.Wait()
	if made.Load() != 1 {
		t.Errorf("%d of 20 callers made the network", made.Load())
	}
	have, err := e.Networks.get(ctx, name)
	if err != nil || !have.Internal || !have.isolate() || !have.DNS || have.Labels[claim.LaunchLabel] != c.Token {
		t.Errorf("%+v, %v", have, err)
	}

	id := bare(t, e, []string{"/bin/sleep", "60"}, map[string]any{
		"netns": map[string]string{"nsmode": "bridge"}, "Networks": map[string]any{name: map[string]any{}}})
	if removed, err := e.Networks.RemoveIfUnused(ctx, c); removed || err != nil {
		t.Errorf("a network in use: removed %t, %v", removed, err)
	}
	if err := e.Containers.Remove(ctx, id, RemoveOptions{Force: true}); err != nil {
		t.Fatal(err)
	}
	other := c
	other.ID = strings.Repeat("0", 64)
	if _, err := e.Networks.RemoveIfUnused(ctx, other); err != nil {
		t.Error(err)
	}
	if _, err := e.Networks.get(ctx, name); err != nil {
		t.Errorf("a network of another id was taken for the claimed one: %v", err)
	}
	for range 2 { // the second finds none
		if gone, err := e.Networks.RemoveIfUnused(ctx, c); !gone || err != nil {
			t.Errorf("gone %t, %v", gone, err)
		}
	}
	if _, err := e.Networks.get(ctx, name); !isNotFound(err) {
		t.Errorf("the claimed network is there: %v", err)
	}
}

// A network of that name that lets more through is not used, and one that is
// not zlaunch's is not removed.
func TestForeignNetwork(t *testing.T) {
	ctx, e := realEngine(t)
	name := "zlaunch-podman-test-foreign"
	if out, err := e.CLI(context.Background(), "network", "create", name).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Cleanup(func() { e.CLI(context.Background(), "network", "rm", "-f", name).Run() })
	if _, err := e.Networks.Ensure(ctx, Network{Name: name, Internal: true}); err == nil || hint.Of(err) == "" {
		t.Errorf("an open network passed for an internal one: %v", err)
	}
	if created, err := e.Networks.Ensure(ctx, Network{Name: name}); created || err != nil {
		t.Errorf("created %t, %v", created, err)
	}
	if _, err := e.Networks.RemoveIfUnused(ctx, claim.Claim{Kind: claim.Network, Token: claim.NewToken(), Name: name}); err != nil {
		t.Error(err)
	}
	if _, err := e.Networks.get(ctx, name); err != nil {
		t.Errorf("it was removed: %v", err)
	}
}

func TestSecretsAndVolumes(t *testing.T) {
	ctx, e := realEngine(t)
	name := "zlaunch-podman-test"
	cmd := e.CLI(context.Background(), "secret", "create", name, "-")
	cmd.Stdin = strings.NewReader("s")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	defer e.CLI(context.Background(), "secret", "rm", name).Run()
	if out, err := e.CLI(context.Background(), "volume", "create", name).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	defer e.CLI(context.Background(), "volume", "rm", name).Run()
	exists := map[string]func(context.Context, string) (bool, error){
		"volume": func(ctx context.Context, name string) (bool, error) {
			_, there, err := e.Volume(ctx, name)
			return there, err
		},
		"container": e.Containers.Exists,
	}
	for what, f := range exists {
		if ok, err := f(ctx, name+"-none"); ok || err != nil {
			t.Errorf("%s: %t, %v", what, ok, err)
		}
		if ok, err := f(ctx, name); what != "container" && (!ok || err != nil) {
			t.Errorf("%s: %t, %v", what, ok, err)
		}
	}
	for of, want := range map[string]string{name: "file", name + "-none": ""} {
		if driver, err := e.SecretDriver(ctx, of); driver != want || err != nil {
			t.Errorf("secret %s: %q, %v", of, driver, err)
		}
	}
}
