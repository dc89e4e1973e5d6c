package quadlet

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Masked is the text of a unit without what looks like a secret. Quotes hide nothing:
// the words of each line are looked at as Podman gets them, and a line that holds a
// secret is written anew.
func Masked(text string) string {
	lines, _ := parse(text)
	for _, l := range lines {
		words, err := split(l.value, execWords)
		if err != nil {
			continue
		}
		masked := container.MaskArgs(words)
		if slices.Equal(masked, words) {
			continue
		}
		for i, w := range masked {
			if strings.ContainsAny(w, " \t\"'\\") {
				masked[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(w) + `"`
			}
		}
		text = strings.Replace(text, l.raw, l.key+"="+strings.Join(masked, " "), 1)
	}
	return container.MaskText(text)
}
