package shell

import "testing"

// A verb that starts nothing is open where its options, or where its output goes, do.
func TestIdleVerbs(t *testing.T) {
	for _, line := range []string{
		"podman secret create --driver shell --driver-opts store=/e a b", "podman network connect podman web", "podman network create -d macvlan n",
		"podman system migrate --new-runtime=/e", "podman --runtime=/e exec web id", "podman --conmon /e stop web", "podman --module=/e ps",
		"podman cp web:/x ~/.bashrc", "podman cp web:/x /etc/cron.d/x", "podman logs web >> ~/.profile", "podman exec web cat x > \"$HOME/.bashrc\"",
		"podman export -o /home/u/.bashrc web", "podman artifact extract x /etc/cron.d", "podman logs web | sudo tee /etc/sudoers.d/x",
	} {
		if _, open, err := Script("f", []byte(hardened+line+"\n")); err != nil || len(open) == 0 {
			t.Errorf("silent: %q: %v", line, err)
		}
	}
	for _, line := range []string{
		"podman secret create a b", "podman network create n", "podman network create --driver bridge n", "podman system migrate", "podman --log-level=debug ps",
		"podman cp web:/out ./out", "podman cp a web:/etc/x", "podman logs web > web.log", "podman exec db pg_dump > ~/dump.sql", "podman logs web 2> /dev/null",
		"podman save -o x.tar y", "docker exec web cat /etc/os-release", "podman --connection x ps",
	} {
		if _, open, err := Script("f", []byte(hardened+line+"\n")); err != nil || len(open) > 0 {
			t.Errorf("%q: %v %v", line, open, err)
		}
	}
}
