package observe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// OCI reads config.json, the configuration Podman gave the OCI runtime
// (OCIConfigPath in podman inspect), at [container.OCI].
//
// notes lists what no row can hold, and what a launch must not let pass: hooks that
// are not planned, which run code on the host, fields this version does not know, shared mount
// propagation, repeated environment variables.
//
// The image's entrypoint cannot be told from its arguments in argv: with a plan
// that adds up to the same argv the plan's split is taken, otherwise entrypoint
// is empty and args holds all of it.
func OCI(config []byte, in Context) (s *container.Spec, notes []string, err error) {
	c, notes, err := decodeConfig(config)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the OCI configuration: %w", err)
	}
	with, err := in.with(joinedIn(c.Linux))
	if err != nil {
		return nil, nil, err
	}
	s = &container.Spec{}
	notes = append(notes, fillHooks(s, c.Hooks, with)...)
	notes = append(notes, fillProcess(s, c, with)...)
	notes = append(notes, fillLinux(s, c.Linux, with)...)
	mounts, more := ociMounts(c.Mounts)
	fillMounts(s, mounts, with, container.OCI)
	fillNodes(s, c.Linux, with)
	container.ReadOnly.Set(s, c.Root != nil && c.Root.Readonly, seen(container.OCI))
	if c.Hostname != "" {
		container.Hostname.Set(s, hostname(c.Hostname, with.ID, with), seen(container.OCI))
	}
	fillAnnotations(s, c.Annotations, with)
	if in.Audit {
		fillOCIFacts(s, c)
	}
	return s, append(notes, more...), nil
}

// decodeConfig decodes strictly, and once more without that where a field is
// unknown: a newer runtime-spec may add some.
func decodeConfig(data []byte) (*specs.Spec, []string, error) {
	if err := bounded("it", len(data), maxConfig); err != nil {
		return nil, nil, err
	}
	c, notes := &specs.Spec{}, []string{}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(c); err != nil {
		if !strings.Contains(err.Error(), "unknown field") {
			return nil, nil, err
		}
		c = &specs.Spec{}
		if err := json.Unmarshal(data, c); err != nil {
			return nil, nil, err
		}
		notes = append(notes, strings.TrimPrefix(err.Error(), "json: "))
	}
	if c.Process == nil {
		c.Process = &specs.Process{}
	}
	if c.Linux == nil {
		c.Linux = &specs.Linux{}
	}
	return c, notes, nil
}

// ociMounts reads the mounts in the order they are made; of several at one target
// the last is seen.
func ociMounts(in []specs.Mount) (out []mount, notes []string) {
	at := map[string]int{}
	for _, o := range in {
		m := ociMount(o)
		for _, p := range []string{"shared", "rshared"} {
			if slices.Contains(o.Options, p) {
				notes = append(notes, "mount "+o.Destination+" propagates: "+p)
			}
		}
		if len(o.UIDMappings) > 0 || len(o.GIDMappings) > 0 || slices.Contains(o.Options, "idmap") {
			notes = append(notes, "mount "+o.Destination+" has its own id map")
		}
		if i, again := at[m.target]; again {
			m.again = true
			out[i] = m
			continue
		}
		at[m.target] = len(out)
		out = append(out, m)
	}
	return out, notes
}

// ociMount reads one mount; of contradicting options the last counts.
func ociMount(o specs.Mount) mount {
	m := mount{target: cleanTarget(o.Destination), fstype: o.Type, root: o.Source, source: o.Source}
	for _, opt := range o.Options {
		switch key, value, _ := strings.Cut(opt, "="); key {
		case "bind", "rbind":
			m.fstype = "bind"
		case "ro", "rro":
			m.opts.ReadOnly = true
		case "rw":
			m.opts.ReadOnly = false
		case "nosuid", "suid":
			m.opts.NoSuid = key == "nosuid"
		case "nodev", "dev":
			m.opts.NoDev = key == "nodev"
		case "noexec", "exec":
			m.opts.NoExec = key == "noexec"
		case "shared", "rshared", "slave", "rslave", "unbindable", "runbindable":
			m.tags = append(m.tags, key)
		case "size":
			m.size = readSize(value)
		case "mode":
			m.mode = readMode(value)
		}
	}
	return m
}
