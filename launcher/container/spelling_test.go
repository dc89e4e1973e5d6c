package container_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
)

func TestSpelled(t *testing.T) {
	for src, want := range map[string]string{
		"$HOME": "/home/~/", "$HOME/x": "/home/~//x", "${HOME}/x": "/home/~//x", "~": "/home/~/", "~/x": "/home/~/x", "~bob/x": "/home/~/x", "%h/x": "/home/~//x",
		"${HOME:?}/x": "/home/~//x", "${HOME:-~}/x": "/home/~//x", "$(HOME)/x": "/home/~//x", "/home/$USER/x": "/home/~//x", "/home/$(whoami)": "/home/~/",
		"%t": "/run/user/0/", "${XDG_RUNTIME_DIR:-/tmp}/x": "/run/user/0//x", "$XDG_CACHE_HOME/x": "/home/~/.cache//x",
		"${XDG_CONFIG_HOME:-$HOME/.config}/x": "/home/~/.config//x", "${HF_HOME:-$HOME/.cache/huggingface}": "/home/~/.cache/huggingface/",
		"${HOME%/}/x": "/home/~//x", "$(echo ~)/x": "/home/~//x", "$(eval echo ~bob)": "/home/~/", "$(getent passwd me | cut -d: -f6)/x": "/home/~//x", "/home/${SUDO_USER}/x": "/home/~//x",
		"/run/user/$UID/x": "/run/user/0//x", "/run/user/$(id -u)/bus": "/run/user/0//bus", "/var/run/user/${UID}": "/run/user/0/", "/run/user/%U/x": "/run/user/0//x",
		"$(cd ~; pwd -P)": "/home/~/", "$(echo ~/etc)": "", "$(echo /etc)": "", "/run/user/$X": "",
		"$HOMES": "", "$HOME_DIR/x": "", "${HOME:-/}": "", "${HOME%/*}": "", "${HOME:+/etc}": "", "${XDG_DATA_HOME:-/}": "", "%hx": "", "/home/u": "", "x~": "", "~+/x": "", "~-": "", "~2": "", "": "",
	} {
		got, ok := container.Spelled(src)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %t; want %q", src, got, ok, want)
		}
	}
	if container.SpelledOut("$HOME/$X") || !container.SpelledOut("$HOME/x") || container.SpelledOut("$X") {
		t.Error("what is left to know")
	}
}
