package podmanrun

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// writeEntrypoint writes a JSON array; "--entrypoint=" takes the image's
// entrypoint away, which an empty array would not.
func writeEntrypoint(s *container.Spec) []string {
	v, _, ok := container.Entrypoint.Get(s)
	switch {
	case !ok:
		return nil
	case len(v) == 0:
		return []string{option("entrypoint", "")}
	}
	return []string{option("entrypoint", jsonArray(v))}
}

func jsonArray(v []string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // strings always encode
	return strings.TrimSuffix(b.String(), "\n")
}

// readEntrypoint takes what is not a JSON array as one word, as Podman does.
func readEntrypoint(r *reading, v string) error {
	words := []string{}
	if v != "" && json.Unmarshal([]byte(v), &words) != nil {
		words = []string{v}
	}
	if v == "[]" || v == "null" {
		return fmt.Errorf("%q would leave the image's entrypoint; write --entrypoint= to take it away", v)
	}
	container.Entrypoint.Set(r.spec, words, r.mark)
	return nil
}

func writeSecrets(s *container.Spec) []string {
	return elements(container.SecretOf, func(name string, v container.Secret) string {
		value := name + ",type=" + SecretType(v)
		if v.Target != "" {
			value += ",target=" + v.Target
		}
		if v.Mode != 0 {
			value += fmt.Sprintf(",mode=%04o", v.Mode)
		}
		return option("secret", value)
	})(s)
}

// SecretType is how a secret reaches the workload; Podman's default is a file.
func SecretType(v container.Secret) string {
	if v.Type == "" {
		return "mount"
	}
	return v.Type
}

func readSecret(r *reading, v string) error {
	fields := strings.Split(v, ",")
	name, secret := fields[0], container.Secret{Type: "mount"}
	for _, f := range fields[1:] {
		k, val, _ := strings.Cut(f, "=")
		switch k {
		case "type":
			secret.Type = val
		case "target":
			secret.Target = val
		case "mode":
			mode, err := strconv.ParseUint(val, 8, 12)
			if err != nil {
				return fmt.Errorf("mode %q is not octal", val)
			}
			secret.Mode = uint32(mode)
		default:
			return fmt.Errorf("zlaunch has no setting for %q of a secret", k)
		}
	}
	container.SecretOf.Set(r.spec, name, secret, r.mark)
	return nil
}

func writeCpus(s *container.Spec) []string {
	return known(container.Cpus, func(v float64) []string {
		return []string{option("cpus", strconv.FormatFloat(v, 'f', -1, 64))}
	})(s)
}

func readCpus(r *reading, v string) error {
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return fmt.Errorf("%q is not a number of processors", v)
	}
	container.Cpus.Set(r.spec, n, r.mark)
	return nil
}

func writeUlimits(s *container.Spec) []string {
	return elements(container.UlimitOf, func(name string, v container.Ulimit) string {
		return option("ulimit", fmt.Sprintf("%s=%d:%d", name, v.Soft, v.Hard))
	})(s)
}

func readUlimits(r *reading, v string) error {
	fields, err := splitCSV(v)
	for _, f := range fields {
		if f == "host" {
			return fmt.Errorf("zlaunch has no setting for the caller's own limits; name each as nofile=1024:1024")
		}
		u, uerr := units.ParseUlimit(strings.TrimPrefix(strings.ToLower(f), "rlimit_"))
		if uerr != nil {
			return uerr
		}
		container.UlimitOf.Set(r.spec, u.Name, container.Ulimit{Soft: u.Soft, Hard: u.Hard}, r.mark)
	}
	return err
}
