package main

import (
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/profile"
)

// profileKeys are the keys of a profile with what they mean, out of the table that
// reads them.
func profileKeys() [][2]string {
	keys, err := profile.Keys()
	if err != nil { // of a file in the program itself; a test reads it
		return nil
	}
	var out [][2]string
	for _, k := range keys {
		out = append(out, [2]string{k.Name, meaning(k)})
	}
	return out
}

// meaning tells of one key.
func meaning(k profile.Key) string {
	example := strings.ReplaceAll(k.Example, strings.Repeat("0", 64), "...") // a digest
	return fmt.Sprintf("%s. Example: %s", k.Says(), example)
}
