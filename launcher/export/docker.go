package export

import (
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/dockerrun"
)

// dockerLine is the line for Docker, as far as it goes.
var dockerLine = Form{
	Name: "docker", About: "a docker run line, for Docker hosts and z/OS Container Extensions", Away: true,
	Targets: dockerrun.Targets, Write: writeDocker, Stack: linesOf(writeDocker), Says: dockerrun.Says,
	Engine: of("docker"), Foreign: "docker",
}

// writeDocker asks for the network as scripts do: docker has no "network exists".
func writeDocker(r form.Run, target string) (*form.Document, error) {
	line, err := dockerrun.Write(r, target)
	if err != nil {
		return nil, err
	}
	doc, err := script(r, line.Words, "docker network inspect %s >/dev/null 2>&1 || %s")
	if err != nil {
		return nil, err
	}
	doc.Lost, doc.Notes = line.Lost, append(doc.Notes, line.Notes...)
	return doc, nil
}
