package container

import (
	"regexp"
	"sync"
)

// pattern compiles when first used: most commands never need one.
func pattern(re string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(re) })
}
