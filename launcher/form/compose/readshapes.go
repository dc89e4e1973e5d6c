package compose

import (
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// readOne reads a value as that of the key's option.
func readOne(s *service, k key, p pair) {
	if v, w, ok := s.scalar(k.name, p.value); ok {
		s.option(w, k.option, v)
	}
}

// readTruth reads what YAML 1.1 and Compose take for true and false.
func readTruth(s *service, k key, p pair) {
	v, w, ok := s.scalar(k.name, p.value)
	if !ok {
		return
	}
	switch strings.ToLower(v.text) {
	case "y", "yes", "on":
		v.text = "true"
	case "n", "no", "off":
		v.text = "false"
	}
	s.option(w, k.option, v)
}

// readList reads a list of values, one value, or a mapping of names to values.
func readList(s *service, k key, p pair) {
	s.each(k.name, p.value, func(v filled, w int) { s.option(w, k.option, v) })
}

// each calls f for every text of a list; those of a mapping are NAME=VALUE, and NAME alone
// where it has no value.
func (s *service) each(name string, n *yaml.Node, f func(v filled, word int)) {
	n = resolved(n)
	if n != nil && n.Kind == yaml.MappingNode {
		for _, p := range s.pairs(n, func(k *yaml.Node) { s.wrong(s.word(k.Value, k), "%s stands twice", shown(k.Value)) }) {
			if isNull(resolved(p.value)) {
				f(plain(p.key.Value), s.word(name, p.key))
				continue
			}
			if v, _, ok := s.scalar(name, p.value); ok {
				f(plain(p.key.Value+"=").and(v), pairWord(s, name, p))
			}
		}
		return
	}
	for _, item := range s.items(n) {
		if v, w, ok := s.scalar(name, item); ok {
			f(v, w)
		}
	}
}

// pairWord is the place of a value of a mapping, with its name in front: what hides the
// values of variables looks for that.
func pairWord(s *service, name string, p pair) int {
	_, had := s.words[resolved(p.value)]
	w := s.word(name, p.value)
	if !had || !strings.Contains(s.out.Words[w].Text, "=") {
		s.out.Words[w].Text = name + ": " + p.key.Value + "=" + resolved(p.value).Value
	}
	return w
}

// readImage takes the image, which no option states.
func readImage(s *service, k key, p pair) {
	if v, w, ok := s.scalar(k.name, p.value); ok {
		s.image = &argument{v, w}
	}
}

// readBuild tells of an image that Compose makes itself.
func readBuild(s *service, k key, p pair) {
	s.built = &argument{word: s.word(k.name, p.key)}
}

// readSeconds reads a duration: 1m30s.
func readSeconds(s *service, k key, p pair) {
	v, w, ok := s.scalar(k.name, p.value)
	if !ok {
		return
	}
	if d, err := time.ParseDuration(v.text); err == nil && !v.open() {
		v = plain(strconv.FormatInt(int64(d/time.Second), 10))
	}
	s.option(w, k.option, v)
}

// readLimits reads ulimits: a number, or soft and hard.
func readLimits(s *service, k key, p pair) {
	for _, l := range s.pairs(p.value, nil) {
		n := resolved(l.value)
		if n.Kind == yaml.ScalarNode {
			v, _, _ := s.scalar(k.name, n)
			s.option(pairWord(s, k.name, l), k.option, plain(l.key.Value+"=").and(v))
			continue
		}
		soft, hard := s.field(n, "soft"), s.field(n, "hard")
		if soft == nil || hard == nil {
			s.wrong(s.word(k.name, l.key), "a limit is a number, or has soft and hard")
			continue
		}
		a, _, ok1 := s.scalar(k.name, soft)
		b, w, ok2 := s.scalar(k.name, hard)
		if ok1 && ok2 {
			s.out.Words[w].Text = k.name + ": " + l.key.Value + "=" + a.text + ":" + b.text
			s.option(w, k.option, plain(l.key.Value+"=").and(a).and(plain(":")).and(b))
		}
	}
}

// readPull reads when the image is fetched.
func readPull(s *service, k key, p pair) {
	v, w, ok := s.scalar(k.name, p.value)
	switch {
	case !ok:
		return
	case v.text == "if_not_present", v.text == "build":
		v = plain("missing")
	}
	s.option(w, k.option, v)
}

// readNamespace reads a namespace, which may be that of another service.
func readNamespace(s *service, k key, p pair) {
	if v, w, ok := s.scalar(k.name, p.value); ok {
		s.option(w, k.option, ofService(v))
	}
}

func ofService(v filled) filled {
	if rest, is := strings.CutPrefix(v.text, "service:"); is && !v.open() {
		return plain("container:" + rest)
	}
	return v
}

// readGpus reads what docker run takes as --gpus; podman-compose gives devices, and turns
// SELinux off for them.
func readGpus(s *service, k key, p pair) {
	for _, d := range s.items(p.value) {
		w := s.word(k.name, d)
		v := plain("all")
		if resolved(d).Kind == yaml.ScalarNode {
			v, _, _ = s.scalar(k.name, d)
		}
		if s.engine == "docker" {
			s.option(w, "gpus", v)
			continue
		}
		s.option(w, "device", plain("nvidia.com/gpu=all"))
		s.option(w, "security-opt", plain("label=disable"))
	}
}

// readHooks reads programs that Compose runs in the container, as whom and with what it says.
func readHooks(s *service, k key, p pair) {
	s.leave(s.word(k.name, p.key), container.Path{}, "%s runs programs in the container, maybe with more rights than it has, and is not read", k.name)
}

// readDevices reads devices, each as SOURCE:TARGET:PERMISSIONS or in the long form.
func readDevices(s *service, k key, p pair) {
	for _, item := range s.items(p.value) {
		n := resolved(item)
		if n == nil || n.Kind != yaml.MappingNode {
			readOne(s, k, pair{p.key, item})
			continue
		}
		v := filled{}
		for i, name := range []string{"source", "target", "permissions"} {
			part, _, ok := s.scalar(k.name, s.field(n, name))
			if ok && i > 0 {
				v = v.and(plain(":"))
			}
			v = v.and(part)
		}
		s.option(s.word(k.name, n), k.option, v)
	}
}

// readEnvFiles reads the files that variables come from, at their place.
func readEnvFiles(s *service, k key, p pair) {
	for _, item := range s.items(p.value) {
		n := resolved(item)
		if n != nil && n.Kind == yaml.MappingNode {
			n = s.field(n, "path")
		}
		if v, w, ok := s.scalar(k.name, n); ok {
			s.option(w, k.option, atPlace(s, v))
		}
	}
}

// atPlace is a path that is relative to the file without a dot in front.
func atPlace(s *service, v filled) filled {
	if isVolume(v.text) && !v.open() {
		v = plain("./" + v.text)
	}
	return placed(s, v)
}

// readHosts reads NAME:ADDRESS, NAME=ADDRESS, or a mapping.
func readHosts(s *service, k key, p pair) {
	s.each(k.name, p.value, func(v filled, w int) {
		if name, address, has := strings.Cut(v.text, "="); has && !v.open() {
			v = plain(name + ":" + address)
		}
		s.option(w, k.option, v)
	})
}
