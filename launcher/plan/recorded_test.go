package plan

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// Options come back from a record as they were, wherever they are read, but for what may
// be a secret.
func TestRecordedOptions(t *testing.T) {
	in := Options{Profile: "web", Models: "m", GPU: []string{"a=b"}, Memory: "8g", Env: []string{"A=planted", "B"}, Args: []string{"serve", "--token=planted"},
		PodmanArgs: []string{"--env=X_TOKEN=planted"}, Waive: []string{"ZL-104=x"}, FailOn: audit.High, Detach: true, LookupEnv: func(string) (string, bool) { return "", false }}
	raw, err := in.Recorded()
	if err != nil || strings.Contains(string(raw), "planted") {
		t.Fatalf("%v: %s", err, raw)
	}
	got, err := Again(raw)
	if err != nil {
		t.Fatal(err)
	}
	abs, err := filepath.Abs("m")
	if err != nil {
		t.Fatal(err)
	}
	hidden := container.Redacted
	if got.Models != abs || !reflect.DeepEqual(got.Env, []string{"A=" + hidden, "B=" + hidden}) || got.Args[0] != "serve" || !strings.Contains(got.Args[1], hidden) || in.Env[0] != "A=planted" {
		t.Errorf("%+v", got)
	}
	if got.Memory != "8g" || got.FailOn != audit.High || !got.Detach || got.Waive[0] != "ZL-104=x" || got.GPU[0] != "a=b" || got.LookupEnv != nil {
		t.Errorf("%+v", got)
	}
	over := Options{Memory: "4g", Args: []string{"x"}}.Over(got)
	if over.Memory != "4g" || over.Args[0] != "x" || over.Models != abs || !over.Detach {
		t.Errorf("%+v", over)
	}
}
