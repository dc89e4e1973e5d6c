package stack

import (
	"maps"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// onlyNetwork is that of a stack which names none.
const onlyNetwork = "net"

// members checks what each member says, and gives them to the stack by name.
func (c *checker) members(s *Stack) {
	if len(c.doc.Members) == 0 {
		c.wrong("member", "[member.server]\nprofile = \"demo\"", "a stack has a member")
	}
	if len(c.doc.Members) > MaxMembers || len(c.doc.Networks) > MaxMembers {
		c.wrong("member", "part it into several", "a stack has at most %d members and networks", MaxMembers)
		return
	}
	if len(s.Networks) == 0 {
		s.Networks = []Network{{Name: onlyNetwork}}
	}
	for _, name := range slices.Sorted(maps.Keys(c.doc.Members)) {
		key, m := "member."+name, c.doc.Members[name]
		c.name(key, name)
		if m.Profile == "" {
			c.wrong(key, "profile = \"demo\"; zlaunch list", "member %q names no profile", name)
		}
		c.after(key, m)
		c.networks(key, &m)
		c.publish(key, m)
		c.hosts(key, name, m)
		s.Members = append(s.Members, Member{
			Name: name, Profile: m.Profile, After: m.After, Networks: m.Networks, Models: m.Models, Output: m.Output, Publish: m.Publish,
			Env: variables(m.Env), Secrets: m.Secrets, GPU: m.GPU, Memory: m.Memory, Cpus: m.Cpus, Args: m.Args,
		})
	}
	c.ports(s)
}

func variables(env map[string]string) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		out = append(out, name+"="+env[name])
	}
	return out
}

func (c *checker) after(key string, m member) {
	for _, other := range m.After {
		if _, is := c.doc.Members[other]; !is {
			c.wrong(key+".after", "name a [member.NAME] of this file", "there is no member %q", other)
		}
	}
}

// networks: where the stack names none all members are in one.
func (c *checker) networks(key string, m *member) {
	if len(c.doc.Networks) == 0 {
		if len(m.Networks) > 0 {
			c.wrong(key+".networks", "[network."+m.Networks[0]+"]", "there is no network %q", m.Networks[0])
		}
		m.Networks = []string{onlyNetwork}
		return
	}
	if len(m.Networks) == 0 {
		c.wrong(key, "networks = [\""+slices.Sorted(maps.Keys(c.doc.Networks))[0]+"\"]", "it is in none of the stack's networks")
	}
	for i, n := range m.Networks {
		if _, is := c.doc.Networks[n]; !is {
			c.wrong(key+".networks", "[network."+n+"]", "there is no network %q", n)
		}
		if slices.Contains(m.Networks[:i], n) {
			c.wrong(key+".networks", "name each once", "network %q stands twice", n)
		}
	}
}

// publish refuses ports of a member that nothing outside can reach.
func (c *checker) publish(key string, m member) {
	outside := slices.ContainsFunc(m.Networks, func(n string) bool { return !c.doc.Networks[n].Internal })
	if len(m.Publish) > 0 && !outside {
		c.wrong(key+".publish", "put it into a network that is not internal too, or publish a port of a member that is", "all its networks are internal")
	}
}

// hosts: {MEMBER.host} names a member that shares a network.
func (c *checker) hosts(key, name string, m member) {
	check := func(at, value string) {
		for _, found := range host().FindAllStringSubmatch(value, -1) {
			other, is := c.doc.Members[found[1]]
			shared := len(c.doc.Networks) == 0 || slices.ContainsFunc(m.Networks, func(n string) bool { return slices.Contains(other.Networks, n) })
			switch {
			case !is:
				c.wrong(at, "name a [member.NAME] of this file", "there is no member %q", found[1])
			case !shared:
				c.wrong(at, "put both into one network", "%s and %s share no network", name, found[1])
			}
		}
	}
	for k, v := range m.Env {
		check(key+".env."+k, v)
	}
	for _, a := range m.Args {
		check(key+".args", a)
	}
}

// ports refuses one port of the host for two members.
func (c *checker) ports(s *Stack) {
	by := map[string]string{}
	for _, m := range s.Members {
		for _, p := range m.Publish {
			i := strings.LastIndexByte(p, ':')
			if i < 0 {
				continue // the plan says what is wrong with it
			}
			if other := by[p[:i]]; other != "" {
				c.wrong("member."+m.Name+".publish", "give one of them another port", "%s publishes %s already", other, p[:i])
			}
			by[p[:i]] = m.Name
		}
	}
}

// ordered puts each member behind those that it comes after, else by name.
func ordered(in []Member) ([]Member, error) {
	var out []Member
	done := map[string]bool{}
	for len(out) < len(in) {
		before := len(out)
		for _, m := range in {
			waits := func(other string) bool {
				return !done[other] && slices.ContainsFunc(in, func(m Member) bool { return m.Name == other })
			}
			if !done[m.Name] && !slices.ContainsFunc(m.After, waits) {
				out, done[m.Name] = append(out, m), true
				break // from the first name again
			}
		}
		if len(out) == before {
			var names []string
			for _, m := range in {
				if !done[m.Name] {
					names = append(names, m.Name)
				}
			}
			return in, hint.Errorf("take one of the after = [...] away", "%s wait for each other", strings.Join(names, ", "))
		}
	}
	return out, nil
}
