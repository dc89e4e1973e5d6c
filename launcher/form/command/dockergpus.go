package command

import (
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// readDockerGpus reads docker's request for devices (docker/cli 28, opts/gpus.go):
// a count, or driver=, count=, device=, capabilities= and options=. The row holds
// "all", "count=N" or "device=ID": what is asked for, however it is written.
func readDockerGpus(r *reader, v value) {
	row := container.Gpus
	if v.open() != "" {
		r.item(row, v, v.s)
		return
	}
	fields, ok := v.list()
	if !ok || len(fields) == 0 {
		r.wrong(at(row), "%q is not a list with commas", v.shown())
		return
	}
	var asked []string
	for _, f := range fields {
		key, val, has := strings.Cut(f.s, "=")
		switch {
		case !has:
			asked = append(asked, r.gpuCount(key))
		case key == "count":
			asked = append(asked, r.gpuCount(val))
		case key == "device":
			asked = append(asked, gpuDevices(val)...)
		case key != "driver" && key != "capabilities" && key != "options":
			r.wrong(at(row), "%q is no part of a request for devices", clip(f.s))
		}
	}
	if asked == nil {
		asked = []string{"count=1"}
	}
	r.append(row, asked...)
}

// gpuCount: the engine takes -1 as all there are; what cannot be read may be that.
func (r *reader) gpuCount(s string) string {
	n, err := strconv.Atoi(s)
	if err != nil && s != "all" {
		r.wrong(at(container.Gpus), "%q is neither all nor a number", clip(s))
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
