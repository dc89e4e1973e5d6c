package subject

import (
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/form/textfile"
)

// mendedFile is a text with the runs in it mended, and the runs.
func mendedFile(t *testing.T, name, text string) (string, []*Mended) {
	t.Helper()
	readings, _, err := textfile.Read(name, []byte(text))
	if err != nil || len(readings) == 0 {
		t.Fatalf("%d runs, %v", len(readings), err)
	}
	var runs []*Mended
	for _, r := range readings {
		m, err := Files{}.Mend(r, AuditReading(r, nil).Findings)
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, m)
	}
	before, after := Files{}.Patch(runs)
	if before != text {
		t.Errorf("the text is not the file's: %q", before)
	}
	return after, runs
}

// What cannot be changed where it stands stays as it is, and its reason is given; the
// other runs of the file are mended all the same.
func TestPatchLeavesWhatItCannotSay(t *testing.T) {
	const good = "podman run --privileged x/y:1\n"
	for what, text := range map[string]string{
		"words of a list":     `{"a": ["podman", "run", "--privileged", "x/y:1"]}` + "\n",
		"an escaped word":     `{"a": "docker run --privileged -e \"A=b c\" x/y:1"}` + "\n",
		"options by variable": "O='-d --privileged -p 80:80'\npodman run $O x/y:1\n",
		"a text of a shell":   "sh -c \"podman run --privileged -e A='b c' \\\"x/y:1\\\"\"\n",
		"options of an array": "a=(podman run --privileged x/y:1)\n\"${a[@]}\"\n",
	} {
		name := "x.sh"
		if strings.HasPrefix(text, "{") {
			name = "x.json"
		}
		after, runs := mendedFile(t, name, text)
		if m := runs[0]; m.ByHand == "" && after == text || m.ByHand != "" && after != text || m.Text == m.Was {
			t.Errorf("%s: %q: %s", what, m.ByHand, after)
		}
		if name == "x.json" {
			continue
		}
		after, runs = mendedFile(t, name, text+good)
		if runs[1].ByHand != "" || strings.Contains(after, "\n"+good) {
			t.Errorf("%s beside another: %q: %s", what, runs[1].ByHand, after)
		}
	}
}

// Only the words that decide change: blanks, comments, quotes and what a shell makes of
// variables stay.
func TestPatchKeepsTheRest(t *testing.T) {
	const head, tail = "I=x/y:1 # image\n\n  podman   run -d  \\\n", "\t  \"$I\"   'a  b' \"$HOME\" # end\n"
	after, runs := mendedFile(t, "x.sh", head+"\t  --privileged \\\n"+tail)
	if runs[0].ByHand != "" || !strings.HasPrefix(after, head+"\t  --") || !strings.HasSuffix(after, "\\\n"+tail) || strings.Contains(after, "privileged \\") {
		t.Errorf("%q: %s", runs[0].ByHand, after)
	}
}

// Whatever is mended, the text reads back, and no run of it is lost.
func FuzzPatch(f *testing.F) {
	f.Add("podman run --privileged x/y:1\n")
	f.Add("I=x\npodman run \\\n -v /:/h \\\n $I a; docker run -e 'A=b' x # end\n")
	f.Add("sh -c 'podman run --privileged x'\n\tpodman run -p 80 x")
	for _, c := range yamlFiles {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"f.sh", "compose.yaml", "pod.yaml"} {
			patches(t, name, text)
		}
	})
}

func patches(t *testing.T, name, text string) {
	readings, _, err := textfile.Read(name, []byte(text))
	if err != nil || len(readings) == 0 || len(readings) > 8 {
		return
	}
	var runs []*Mended
	for _, r := range readings {
		m, err := Files{}.Mend(r, AuditReading(r, nil).Findings)
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, m)
	}
	_, after := Files{}.Patch(runs)
	if again, _, err := textfile.Read(name, []byte(after)); err != nil || len(again) != len(readings) {
		t.Errorf("%d runs are %d, %v: %q", len(readings), len(again), err, after)
	}
}
