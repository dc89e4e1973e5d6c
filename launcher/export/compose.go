package export

import "github.com/zlaunch/zlaunch/launcher/form/compose"

// composeFile is a Compose file with one service.
var composeFile = Form{
	Name: "compose", About: "a Compose file, for docker compose or podman-compose", Away: true, Targets: compose.Targets(), Says: compose.Says, Write: compose.Write, Stack: compose.WriteStack, Engine: composeEngine,
}

func composeEngine(target string) string {
	if target == compose.Docker {
		return "docker"
	}
	return "podman"
}
