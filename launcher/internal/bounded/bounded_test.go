package bounded

import (
	"strings"
	"testing"
)

// What keeps a parser of TOML busy is refused; brackets and dots in strings and
// comments are text.
func TestTOML(t *testing.T) {
	for _, good := range []string{
		"", "[a.b]\nc = [[1], {d = 2}]\n", `x = "` + strings.Repeat("[.", 100) + `"`, "# " + strings.Repeat("[.", 100) + "\nx = 1",
		`x = '''` + strings.Repeat("{.\n", 100) + `'''`, strings.Repeat("a.b = 1\n", 1000),
	} {
		if err := TOML([]byte(good)); err != nil {
			t.Errorf("%.40q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"[" + strings.Repeat("a.", 200_000) + "a]", "x = " + strings.Repeat("[", 100), "x = " + strings.Repeat("{a=", 100),
		strings.Repeat("a.", 100) + "a = 1", strings.Repeat(" ", MaxTOML+1), `x = "` + "\n" + strings.Repeat("[", 100),
	} {
		if err := TOML([]byte(bad)); err == nil {
			t.Errorf("%.40q passed", bad)
		}
	}
}
