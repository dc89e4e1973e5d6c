package command

import (
	"strings"
	"testing"
)

func TestEveryVariableIsAnswered(t *testing.T) {
	for _, v := range variables {
		n := 0
		for _, is := range []bool{v.use != "", v.row != nil, v.opens != "", v.harmless != ""} {
			if is {
				n++
			}
		}
		if n != 1 || v.of == 0 || len(v.rows) > 0 && v.opens == "" {
			t.Errorf("%s has %d answers, of %d", v.names, n, v.of)
		}
		for _, name := range strings.Fields(v.names) {
			example := strings.ReplaceAll(name, "*", "X")
			for _, e := range []engine{podman, docker} {
				if got := variableOf(e, example); v.of&e != 0 && got.harmless != v.harmless {
					t.Errorf("%s is hidden by %s", name, got.names)
				}
			}
		}
	}
}
