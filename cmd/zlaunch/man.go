package main

import (
	"cmp"
	"io"
	"strings"

	"github.com/spf13/pflag"
)

// The manual pages are roff, made of the command table alone. They carry no date,
// so that the same table gives the same bytes.

// manual writes zlaunch(1).
func manual(w io.Writer) error {
	p := &page{}
	p.title("zlaunch", "1", about)
	p.section("SYNOPSIS", synopsis("zlaunch [OPTION]... COMMAND [ARG]..."))
	p.section("DESCRIPTION", paragraphs("zlaunch turns a named profile into a hardened rootless Podman run: read-only root, no new privileges, no capabilities, labelled read-only models, a network of its own, loopback ports. Before the workload's first instruction it holds the OCI configuration and the kernel's own record against the plan, and removes the container where they differ. Every setting knows which file and key decided it and which controls it satisfies."))
	p.section("OPTIONS", options(globalOptions()))
	p.request("SH", "COMMANDS")
	for i, list := range grouped() {
		p.request("SS", groups[i].title)
		for _, c := range list {
			p.request("TP")
			p.text("\\fBzlaunch-" + escaped(c.name()) + "\\fR(1)\n" + escaped(c.short))
		}
	}
	p.exit(statuses)
	p.section("FILES", definitions([][2]string{
		{"/etc/zlaunch/profiles.d/*.toml", "the host's profiles"},
		{"~/.config/zlaunch/profiles.toml, ~/.config/zlaunch/profiles.d/*.toml", "your own; $XDG_CONFIG_HOME is honoured, as are its like below"},
		{"/etc/zlaunch/allowed_signers, ~/.config/zlaunch/allowed_signers", "whose signatures are taken; see ALLOWED SIGNERS in ssh-keygen(1)"},
		{"./profiles.toml", "a project's, once approved; see zlaunch-approve(1)"},
		{"~/.local/state/zlaunch", "launch records and approvals"},
		{"~/.local/share/zlaunch", "seccomp profiles that Podman is pointed at"},
		{"$XDG_RUNTIME_DIR/zlaunch", "locks of launches under way"},
	}))
	p.section("ENVIRONMENT", definitions(environment))
	p.section("SEE ALSO", paragraphs(seeAlso()))
	_, err := io.WriteString(w, p.String())
	return err
}

// seeAlso names the other pages.
func seeAlso() string {
	out := "podman(1), podman-run(1)"
	for _, t := range topics {
		out += ", zlaunch-" + t.name + "(" + cmp.Or(t.section, "7") + ")"
	}
	return out
}

// man writes the page of one command.
func (c *command) man(w io.Writer) error {
	fs, _ := c.flags()
	p := &page{}
	p.title("zlaunch-"+c.name(), "1", c.short)
	p.section("SYNOPSIS", synopsis("zlaunch "+c.usage))
	p.section("DESCRIPTION", paragraphs(c.long))
	if fs.HasAvailableFlags() {
		p.section("OPTIONS", options(fs))
	}
	p.exit(c.statuses())
	p.request("SH", "EXAMPLES")
	p.text(".nf\n" + escaped(strings.Join(c.example, "\n")) + "\n.fi")
	p.section("SEE ALSO", paragraphs("zlaunch(1)"))
	_, err := io.WriteString(w, p.String())
	return err
}

// statuses are the exit statuses the command can end with.
func (c *command) statuses() []status {
	if c.workload {
		return workloadStatuses
	}
	if c.shares {
		return shareStatuses
	}
	if c.strangers {
		return modelStatuses
	}
	return statuses
}

// page is a manual page under way.
type page struct{ strings.Builder }

func (p *page) request(name string, args ...string) {
	p.WriteString(strings.TrimRight("."+name+" "+strings.Join(args, " "), " ") + "\n")
}

func (p *page) text(s string) { p.WriteString(s + "\n") }

func (p *page) title(name, section, short string) {
	p.request("TH", strings.ToUpper(escaped(name)), section, `""`, "zlaunch", `"zlaunch manual"`)
	p.section("NAME", escaped(name)+` \- `+escaped(short))
}

func (p *page) section(name, body string) {
	p.request("SH", `"`+name+`"`)
	p.text(body)
}

func (p *page) exit(list []status) {
	p.section("EXIT STATUS", definitions(pairs(list)))
}

// escaped keeps roff from reading text: backslashes, dashes that shall stay
// dashes, and a dot or quote that begins a line.
func escaped(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}

func synopsis(s string) string {
	name, rest, _ := strings.Cut(s, " [")
	if rest != "" {
		rest = " [" + rest
	}
	return `\fB` + escaped(name) + `\fR` + escaped(rest)
}

func paragraphs(s string) string { return strings.ReplaceAll(escaped(s), "\n\n", "\n.PP\n") }

func definitions(pairs [][2]string) string {
	var out []string
	for _, p := range pairs {
		out = append(out, ".TP\n\\fB"+escaped(p[0])+"\\fR\n"+escaped(p[1]))
	}
	return strings.Join(out, "\n")
}

// options lists the options of fs in the order of their declaration.
func options(fs *pflag.FlagSet) string {
	var out []string
	visit(fs, func(f *pflag.Flag) {
		value, usage := pflag.UnquoteUsage(f)
		head := `\fB` + escaped("--"+f.Name) + `\fR`
		if f.Shorthand != "" {
			head = `\fB` + escaped("-"+f.Shorthand) + `\fR, ` + head
		}
		if value != "" && f.Value.Type() == anyValue {
			head += `[=\fI` + escaped(value) + `\fR]`
		} else if value != "" && f.Value.Type() != "bool" {
			head += `=\fI` + escaped(value) + `\fR`
		}
		out = append(out, ".TP\n"+head+"\n"+escaped(usage+defaulted(f)))
	})
	return strings.Join(out, "\n")
}

// defaulted tells an option's default where it has one worth telling. The default
// of --arch is the building machine's and told in its own words.
func defaulted(f *pflag.Flag) string {
	switch f.DefValue {
	case "", "false", "0", "0s", "[]":
		return ""
	}
	return " (default " + f.DefValue + ")"
}
