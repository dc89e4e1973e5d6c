package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/model"
)

// exchanges is how many launches a tree is exchanged under, half of them each way;
// ZLAUNCH_E2E_EXCHANGES asks for more.
const exchanges = 16

// exchanged is a model tree with a digest and another one that waits to take its
// name.
type exchanged struct {
	w          *world
	good, evil string
}

func newExchanged(t *testing.T) *exchanged {
	x := &exchanged{w: newWorld(t)}
	dir := x.w.home("a model with blanks")
	x.good, x.evil = filepath.Join(dir, "tree"), filepath.Join(dir, "other")
	for dir, text := range map[string]string{x.good: "good", x.evil: "evil"} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "which"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	print, err := model.Take(context.Background(), x.good)
	if err != nil {
		t.Fatal(err)
	}
	pinned := strings.Replace(profiles, `models = { at = "/models", layout = "any" }`, fmt.Sprintf("models = { at = \"/models\", layout = \"any\", digest = %q }", print.Digest), 1)
	x.w.write("zlaunch/profiles.toml", pinned)
	return x
}

// swap gives each tree the other's name at once.
func (x *exchanged) swap() error {
	return unix.Renameat2(unix.AT_FDCWD, x.good, unix.AT_FDCWD, x.evil, unix.RENAME_EXCHANGE)
}

func (x *exchanged) launch() result {
	return x.w.zlaunch(run("job", "--models", x.good, "--", "read", "/models/which")...)
}

// is tells which tree has the name that is launched.
func (x *exchanged) is(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(x.good, "which"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Whichever tree has the name at whichever moment of a launch, the one that was
// digested runs or none does.
func TestExchangedModels(t *testing.T) {
	p := shows(t, "models", "a tree pinned by its digest is exchanged for another at random moments of a launch: it runs, or nothing does")
	x := newExchanged(t)
	began := time.Now()
	if got := x.launch(); got.code != 0 || got.stdout != "good" {
		t.Fatalf("nothing was exchanged: %d, %q\n%s", got.code, got.stdout, got.stderr)
	}
	whole := time.Since(began)
	n := exchanges
	if asked, err := strconv.Atoi(os.Getenv("ZLAUNCH_E2E_EXCHANGES")); err == nil {
		n = asked
	}
	ran, refused := map[string]int{}, map[string]int{}
	for i := range n {
		from := []string{"good", "evil"}[i%2]
		if x.is(t) != from {
			if err := x.swap(); err != nil {
				t.Fatal(err)
			}
		}
		swapped := make(chan error)
		go func() {
			time.Sleep(rand.N(whole))
			swapped <- x.swap()
		}()
		got := x.launch()
		if err := <-swapped; err != nil {
			t.Fatal(err)
		}
		switch {
		case got.code == 0 && got.stdout == "good":
			ran[from]++
		case got.code == 125 && (got.stdout == "" || got.stdout == "good"):
			// A good tree that gets another name after the start is found by the second
			// look, when it may have been read already.
			refused[from]++
		default:
			t.Fatalf("from %s: exit %d, %q\n%s", from, got.code, got.stdout, got.stderr)
		}
	}
	p.saw("of %d launches: good at the check and exchanged later: %d ran it, %d were refused; exchanged for the good one: %d ran that, %d were refused; the other tree: 0",
		n, ran["good"], refused["good"], ran["evil"], refused["evil"])
}

// TestModelsPage reads docs/models.md and does what it says, command by command.
func TestModelsPage(t *testing.T) {
	p := shows(t, "models", "docs/models.md tells what happens: a model pinned, signed, changed and refused")
	w := newWorld(t)
	w.env = append(w.env, "PATH="+onPath(t)+":"+os.Getenv("PATH"))
	s := &story{world: w, registry: aRegistry(t, p), teams: map[string]*world{"you": w}}
	s.demoImage()
	before := w.settled()
	t.Cleanup(func() {
		w.zlaunch("stop", "zlaunch-demo")
		w.zlaunch("model", "rm", "oci://"+s.registry+"/ml/demo:1")
	})
	seen := 0
	text := strings.ReplaceAll(page(t, "models.md"), "9445", "19445") // which somebody else may have
	for _, block := range blocks(t, text, 4) {
		if missing := lacking(block.needs); missing != "" {
			p.saw("NOT SHOWN, for there is no %s: %d commands", missing, len(block.steps))
			continue
		}
		for _, step := range block.steps {
			s.does(block.team, step)
			seen++
		}
	}
	p.saw("%d commands say what the page says", seen)
	w.unchanged(before)
}
