package textfile

import (
	"bytes"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// Some files describe containers, and need no engine's name for it: those of the
// tools that run one, and those of programs in languages that zlaunch does not read.

// described is a way to describe a container in a text of no kind that is read.
type described struct {
	sign  func() *regexp.Regexp
	why   string
	holds string // what each text that has the sign holds, in small letters; "" nothing
}

// descriptions are such ways, in whatever language.
var descriptions = []described{
	{lazyregexp.New(`(?i)["']?\bprivileged\b["']?\s*(=>|[:=])\s*["']?(true|yes|on|1)\b`), "what is privileged there is not read", "privileged"},
	{lazyregexp.New(`["']image["']\s*(=>|[:=])\s*["']`), "an image is named, and how it is run is not read", "image"},
	{lazyregexp.New(`\bkind["']?\s*[:=]\s*["']?(Pod|Deployment|DaemonSet|StatefulSet|ReplicaSet|Job|CronJob)\b`), "an object of Kubernetes is not read", "kind"},
}

// hclDescriptions are the resources of Terraform and Nomad that run containers.
var hclDescriptions = []described{
	{lazyregexp.New(`\b(resource|data|module)\s+"[a-z0-9]*_?[a-z0-9_]*(docker|podman|container|kubernetes|helm|nomad|ecs_|cloud_run|lxc|lxd)[a-z0-9_]*"`),
		"a resource that may run containers is not read", ""},
	{lazyregexp.New(`(?m)^\s*(task|container)\s+("[^"]*"\s*)?\{`), "a task or a container is not read", ""},
	{lazyregexp.New(`\bimage\s*=\s*"`), "an image is named, and how it is run is not read", "image"},
}

// jenkinsDescriptions are the agents of Jenkins that are containers.
var jenkinsDescriptions = []described{
	{lazyregexp.New(`\b(dockerfile|dockerContainer|kubernetes|podTemplate|containerTemplate|container)\b\s*(\{|\(|true\b)`), "an agent in a container is not read", ""},
}

// describes opens the lines of a text that describe a container.
func (s *sheet) describes(by []described) {
	small := strings.ToLower(s.text)
	for _, d := range by {
		if !strings.Contains(small, d.holds) {
			continue
		}
		for _, at := range d.sign().FindAllStringIndex(s.text, maxDescribed) {
			line, _ := s.place(at[0])
			s.note(line, "%s", d.why)
			s.plain = true
		}
	}
}

// maxDescribed is how many places of one sort are listed.
const maxDescribed = 20

// readHCL reads the files of Terraform and Nomad.
func readHCL(s *sheet) error {
	if err := readOther(s); err != nil {
		return err
	}
	s.describes(hclDescriptions)
	return nil
}

func readJenkinsfile(s *sheet) error {
	if err := readOther(s); err != nil {
		return err
	}
	s.describes(jenkinsDescriptions)
	return nil
}

// readEarthfile opens all of the file: each of its targets runs in containers.
func readEarthfile(s *sheet) error {
	s.note(1, "an Earthfile is not read yet")
	return shell.IsText([]byte(s.text))
}

// objects and services are how the YAML of Kubernetes and of Compose begins, whatever
// the name of the file.
var (
	objects  = lazyregexp.New(`(?m)^["']?(apiVersion|kind)["']?\s*:`)
	services = lazyregexp.New(`(?m)^["']?services["']?\s*:\s*(\{|$)`)
)

// isDocument tells whether a text whose name does not say so is YAML that describes
// containers, and no script that writes one.
func isDocument(text []byte) bool {
	if len(text) > maxDocument || !holdsAny(string(text), "services", "apiVersion", "kind") || !services().Match(text) && len(objects().FindAll(text, 2)) < 2 {
		return false
	}
	var n yaml.Node
	return decode(yaml.NewDecoder(bytes.NewReader(text)), &n) == nil && len(n.Content) == 1 && n.Content[0].Kind == yaml.MappingNode
}
