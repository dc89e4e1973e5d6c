package audit

import (
	"github.com/zlaunch/zlaunch/launcher/container"
)

// The control of names that lead elsewhere.

var namesKept = &Control{
	ID: "ZL-715", Name: "names-kept", Title: "Name resolution not redirected", Severity: Low,
	Why:    "a name that is redirected silently sends traffic elsewhere",
	Fix:    "leave --add-host, --dns and --no-hosts away",
	Breaks: "sites without a name server",
	Refs:   []string{"KSV-0007", "CWE-350", "kubesec HostAliases"},
	Reads:  []container.Row{container.AddHost, container.Dns, container.NoHosts},
	Judge:  judgeNamesKept, Mend: mendNamesKept,
}

func judgeNamesKept(k *Case) {
	for _, row := range []container.Field[[]string]{container.AddHost, container.Dns} {
		if v, ok := read(k, row); ok && len(v) > 0 {
			k.Fail(at(row), "%s must be empty, it holds %q", row.Key(), v)
		}
	}
	if v, ok := read(k, container.NoHosts); ok && v {
		k.Fail(at(container.NoHosts), "no_hosts must be false")
	}
}

func mendNamesKept(s *container.Spec, at container.Path) {
	container.ByKey(at.Key).Clear(s)
	if at.Key == container.NoHosts.Key() {
		container.NoHosts.Set(s, false, mended)
	}
}
