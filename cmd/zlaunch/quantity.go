package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// taken are the values of options whose types are pflag's own. Treat it as a constant.
var taken = map[string]string{"bool": "true or false, and alone it is true"}

// quantity is the value of an option that is a number, or has a unit.
type quantity[T any] struct {
	value *T
	read  func(word string) (T, bool)
	takes string // with an example
}

func (q quantity[T]) String() string {
	if q.value == nil { // as pflag asks for what no option has
		return ""
	}
	return fmt.Sprint(*q.value)
}

// Type is what pflag calls it where help names no other word.
func (q quantity[T]) Type() string { return "string" }

// Set reads the value. The hint of its error is what the option takes.
func (q quantity[T]) Set(word string) error {
	v, ok := q.read(word)
	if !ok {
		return hint.Errorf(q.takes, "%q is none", word)
	}
	*q.value = v
	return nil
}

// lines is the value of an option that counts lines; 0 is all.
func lines(n *int) pflag.Value {
	return quantity[int]{n, func(word string) (int, bool) {
		v, err := strconv.ParseUint(word, 10, 31)
		return int(v), err == nil
	}, "a number of lines, as 50"}
}

// processors is the value of an option that limits processors; [plan.Options] says how many.
func processors(n *float64) pflag.Value {
	return quantity[float64]{n, func(word string) (float64, bool) {
		v, err := strconv.ParseFloat(word, 64)
		return v, err == nil && v > 0 && v <= plan.MostCpus
	}, fmt.Sprintf("a number of processors above 0, and at most %d, as 1.5", plan.MostCpus)}
}

// wait is the value of an option that bounds a wait, as long as a profile's may be.
func wait(d *time.Duration) pflag.Value {
	return quantity[time.Duration]{d, func(word string) (time.Duration, bool) {
		v, err := time.ParseDuration(word)
		return v, err == nil && v >= profile.LeastWait && v <= profile.MostWait
	}, "a time from 1s to 24h with its unit, as 90s, 5m or 1h"}
}
