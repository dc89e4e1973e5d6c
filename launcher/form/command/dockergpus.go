package command

import (
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// readDockerGpus reads docker's request for devices (docker/cli 28, opts/gpus.go):
// a count, or driver=, count=, device=, capabilities= and options=. The row holds
// "all", "count=N" or "device=ID": what is asked for, however it is written.
func readDockerGpus(r *reader, v Value) {
	row := container.Gpus
	if v.Open() != "" {
		r.item(row, v, v.Text)
		return
	}
	fields, ok := v.list()
	if !ok || len(fields) == 0 {
		r.wrong(PathOf(row), "%q is not a list with commas", v.shown())
		return
	}
	var asked []string
	for _, f := range fields {
		key, val, has := strings.Cut(f.Text, "=")
		switch {
		case !has:
			asked = append(asked, gpuCount(r, key))
		case key == "count":
			asked = append(asked, gpuCount(r, val))
		case key == "device":
			asked = append(asked, gpuDevices(val)...)
		case key != "driver" && key != "capabilities" && key != "options":
			r.wrong(PathOf(row), "%q is no part of a request for devices", Clip(f.Text))
		}
	}
	if asked == nil {
		asked = []string{"count=1"}
	}
	r.append(row, asked...)
}

// gpuCount: the engine takes -1 as all there are; what cannot be read may be that.
func gpuCount(r *reader, s string) string {
	n, err := strconv.Atoi(s)
	if err != nil && s != "all" {
		r.wrong(PathOf(container.Gpus), "%q is neither all nor a number", Clip(s))
	}
	if err != nil || n < 0 {
		return "all"
	}
	return "count=" + strconv.Itoa(n)
}

// gpuDevices: both a vendor's runtime and the Container Device Interface have a
// device all.
func gpuDevices(ids string) []string {
	var out []string
	for _, id := range strings.Split(ids, ",") {
		if id == "all" || strings.HasSuffix(id, "=all") {
			out = append(out, "all")
			continue
		}
		out = append(out, "device="+id)
	}
	return out
}
