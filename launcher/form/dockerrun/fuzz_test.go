package dockerrun

import (
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// FuzzLine: of no words of docker run the reader or the writer panics, and what is written of
// them is read as what was to be written, or is refused. Each line of the text is a word.
func FuzzLine(f *testing.F) {
	for _, words := range []string{
		"-v /a:/b:ro,z --mount type=bind,src=/a,dst=/c --tmpfs /t:size=1m image a b", "--cap-drop all --cap-add CAP_CHOWN --security-opt no-new-privileges image",
		"-p 127.0.0.1:8000-8010:80-90/udp --network a --network-alias b -e A=b --env-file x -it image sh", "--gpus all --device /dev/a:/dev/b:r --ulimit nofile=1:2 --memory 1g image",
		"--entrypoint= --pid host --ipc container:x --uts host --userns host --pull always --log-opt a=b image", "--health-cmd x --restart on-failure:3 --rm --init -u 1:2 --sysctl net.a=1 image",
	} {
		f.Add(strings.ReplaceAll(words, " ", "\n"))
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := command.Read(append([]string{"docker", "run"}, strings.Split(text, "\n")...))
		if err != nil {
			return
		}
		judged := effective.Complete(r.Spec, effective.Engine{Kind: "docker"})
		for _, target := range Targets {
			line, err := Write(form.Run{Name: "x", Spec: r.Spec, Judged: judged}, target)
			if err != nil {
				continue
			}
			if again, err := command.Read(line.Words); err != nil || len(again.Open) > 0 {
				t.Errorf("%q: %v %v", line.Words, err, again)
			}
		}
	})
}
