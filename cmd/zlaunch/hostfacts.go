package main

import (
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

// hostFacts is what this host adds to runs that say nothing else.
func hostFacts() (*container.Spec, error) {
	facts, err := host.Read(host.System())
	if err != nil {
		return nil, err
	}
	return subject.HostDefaults(facts)
}
