package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// groups are the commands as the overview shows them; those named nowhere are other.
var groups = []struct {
	title    string
	commands string
}{
	{"Run", "run plan pull stop exec demo up down"},
	{"Look", "ps logs list show doctor"},
	{"Audit", "audit explain diff"},
	{"Share", "push add update pin outdated verify bundles remove"},
	{"Check and approve", "new trial validate approve"},
	{"Other", ""},
}

// grouped are the visible commands, by group.
func grouped() [][]*command {
	out := make([][]*command, len(groups))
	for _, c := range visible() {
		at := len(groups) - 1
		for i, g := range groups {
			for name := range strings.FieldsSeq(g.commands) {
				if name == c.name() {
					at = i
				}
			}
		}
		out[at] = append(out[at], c)
	}
	return out
}

// A topic is something that several commands have in common. Help and the manual page
// zlaunch-NAME(7) are printed from it.
type topic struct {
	name, short string
	section     string      // of its manual page; "" is 7
	text        string      // paragraphs parted by empty lines; a line that begins with a blank stays as it is
	terms       [][2]string // behind the text: a word and what it means
	lists       []termList  // behind those
}

// termList is a list of terms with a heading.
type termList struct {
	title string
	terms [][2]string
}

// exitLists are the exit statuses of all commands.
func exitLists() (out []termList) {
	for _, list := range []struct {
		title string
		of    []status
	}{
		{"Of " + strings.Join(endingAs(workloadStatuses), ", "), workloadStatuses},
		{"Of " + strings.Join(endingAs(shareStatuses), ", "), shareStatuses},
		{"Of " + strings.Join(endingAs(modelStatuses), ", "), modelStatuses},
		{"Of every other command", statuses},
	} {
		out = append(out, termList{list.title, pairs(list.of)})
	}
	return out
}

// endingAs names the commands that end with the statuses of a list.
func endingAs(list []status) (out []string) {
	for _, c := range visible() {
		if own := c.statuses(); &own[0] == &list[0] {
			out = append(out, c.name())
		}
	}
	return out
}

// pairs are statuses as terms.
func pairs(list []status) (out [][2]string) {
	for _, s := range list {
		out = append(out, [2]string{s.code, s.means})
	}
	return out
}

var topics = []topic{
	{name: "waivers", short: "let one control fail, for a reason and a time", text: `A finding that stops a run is met, or waived: a waiver lets one control fail at one place, says why, and is printed with every plan, run, record and audit it touches. Nothing else permits a failure.

For one run, on the command line:

  zlaunch run triton --waive ZL-104="no delegated controllers here"
  zlaunch run triton --waive 'ZL-503@tmpfs[/tmp]=the backend runs a stub'

For good, in a profile of your own, with the last day on which it holds, at most a year ahead:

  [[profile.mine.waiver]]
  control = "ZL-503"
  at      = "tmpfs /tmp"
  reason  = "the backend runs a stub"
  owner   = "ml-platform"
  expires = 2027-03-31

A waiver without a reason, or past its day, waives nothing. A profile of the user or the system can waive what is low or medium; high needs --waive, each time; critical cannot be waived. A project's file carries no waivers.`},
	{name: "score", short: "what the exposure of an audit means", text: `The exposure of a subject is a number from 0.0 to 10.0: 10 times 1 minus the product of (1 - weight) over all controls that fail. One failure alone is 8.5 (critical), 2.0 (high), 1.0 (medium), 0.2 (low). The column EXPOSURE is what a finding adds to those above it; a waived one stands in parentheses.

It shows a trend and gates nothing: --fail-on gates, by severity. A low exposure says that these controls hold, not that the workload has no flaws.`, terms: [][2]string{
		{"HARDENED", "below 1.0"},
		{"GOOD", "below 2.0"},
		{"FAIR", "below 5.0"},
		{"WEAK", "below 8.5"},
		{"DANGEROUS", "8.5 and above, or anything critical fails"},
		{"UNKNOWN", "it would be better, but something critical is open, or a part could not be read"},
	}},
	{name: "exit-codes", short: "what the status of a command says", text: `A list for each kind of command. Of run and exec it is podman-run's own, so that zlaunch can take its place in a script.`},
	{name: "profiles", short: "where profiles come from and how they are laid over each other", text: `A profile is a table [profile.NAME] of a TOML file. It extends one other, and in the end base, which holds the hardening. Tables merge key by key, scalars and lists replace, false removes. Its keys: zlaunch help profile, or zlaunch-profile(5).

The layers, each nearer than the one before it:

  built-in   in the program: zlaunch list
  system     /etc/zlaunch/profiles.d/*.toml
  user       ~/.config/zlaunch/profiles.toml, and profiles.d/*.toml beside it
  project    ./profiles.toml, once approved: zlaunch approve

The smallest one that is of use:

  schema = 1

  [profile.mine]
  extends = "triton"
  container.image  = "registry.example/triton:26.07"
  container.memory = "16g"

Check it with zlaunch validate FILE, look at it with zlaunch show mine and zlaunch plan mine, which tells for each setting the file and key that decided it.`},
	{name: "profile", short: "the keys of a profile", section: "5", text: `A file begins with schema = 1 and holds tables [profile.NAME], whose keys these are. In the names of keys NAME is whatever is named: a variable, a path, a port. Keys below container are options of podman-run(1) of the same name. A key of a table [profile.NAME.arch.ARCH] counts on that architecture alone: amd64, arm64, ppc64le or s390x. Keys of waiver stand in a table [[profile.NAME.waiver]].

The default is what the profile base has, which every profile extends; false removes what a nearer profile shall not have. zlaunch help profiles tells of layers, zlaunch validate FILE checks a file.

An editor that knows JSON schemas of TOML, as those with taplo and Even Better TOML do, completes and checks these keys while you write. Keep the schema of your zlaunch, and name it in the first line of a file:

  zlaunch validate --schema > ~/.config/zlaunch/profile.schema.json

  #:schema /home/me/.config/zlaunch/profile.schema.json
  schema = 1

It refuses nothing that zlaunch takes; zlaunch validate knows more.`},
	{name: "environment", short: "the variables that zlaunch reads", text: `No variable changes what a profile says or what a run is allowed.`, terms: environment},
}

// environment is what zlaunch reads of its environment.
var environment = [][2]string{
	{podman.ProgramVariable, "the podman to run, as an absolute path; without it the first of PATH, which must be root's"},
	{"CONTAINER_HOST, CONTAINER_CONNECTION", "the engine, as of podman(1)"},
	{"XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_DATA_HOME, XDG_RUNTIME_DIR", "where files stand; see FILES in zlaunch(1)"},
	{"SSH_AUTH_SOCK", "the agent that signs, where a key of its is named"},
	{"NO_COLOR", "no colour; https://no-color.org. --color goes before it"},
	{"CLICOLOR_FORCE", "colour where there is no terminal, too"},
	{"COLUMNS", "the width that tables are laid out for, of a terminal or a pipe"},
	{"LC_ALL, LC_CTYPE, LANG", "whether the terminal shows more than ASCII"},
}

// page is the name of its manual page, without "zlaunch-".
func (t topic) page() string { return t.name + "." + cmp.Or(t.section, "7") }

// findTopic returns the topic called name, nil for none.
func findTopic(name string) *topic {
	for _, t := range topics {
		if t.name == name {
			return t.filled()
		}
	}
	return nil
}

// filled adds what stands in other tables.
func (t topic) filled() *topic {
	switch t.name {
	case "exit-codes":
		t.lists = exitLists()
	case "profile":
		t.terms = profileKeys()
	}
	return &t
}

// help prints the topic for a terminal.
func (t *topic) help(std *stdio) error {
	on := std.screen
	var b strings.Builder
	fmt.Fprintf(&b, "%s - %s\n", t.name, t.short)
	for para := range strings.SplitSeq(t.text, "\n\n") {
		b.WriteString("\n")
		if strings.HasPrefix(para, " ") {
			b.WriteString(para + "\n")
			continue
		}
		b.WriteString(readable(on).Hang("", para))
	}
	listed(&b, readable(on), t.terms)
	for _, l := range t.lists {
		b.WriteString("\n" + readable(on).Hang("", l.title+":"))
		listed(&b, readable(on), l.terms)
	}
	_, err := io.WriteString(std.out, b.String())
	return err
}

// listed writes terms with what they mean.
func listed(b *strings.Builder, on report.Screen, terms [][2]string) {
	if len(terms) > 0 {
		b.WriteString("\n")
	}
	for _, d := range terms {
		if len(d[0]) < 10 {
			b.WriteString(on.Hang(fmt.Sprintf("  %-10s ", d[0]), d[1]))
			continue
		}
		b.WriteString("  " + d[0] + "\n" + on.Hang(strings.Repeat(" ", 13), d[1]))
	}
}

// man writes the topic's page of section 7.
func (t *topic) man(w io.Writer) error {
	p := &page{}
	p.title("zlaunch-"+t.name, cmp.Or(t.section, "7"), t.short)
	p.request("SH", "DESCRIPTION")
	for para := range strings.SplitSeq(t.text, "\n\n") {
		if strings.HasPrefix(para, " ") {
			p.text(".PP\n.nf\n" + escaped(para) + "\n.fi")
			continue
		}
		p.text(".PP\n" + escaped(para))
	}
	if len(t.terms) > 0 {
		p.text(definitions(t.terms))
	}
	for _, l := range t.lists {
		p.text(".PP\n" + escaped(l.title) + ":")
		p.text(definitions(l.terms))
	}
	p.section("SEE ALSO", paragraphs("zlaunch(1)"))
	_, err := io.WriteString(w, p.String())
	return err
}
