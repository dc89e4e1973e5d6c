package main

import (
	"fmt"
	"os"

	"golang.org/x/term"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// passphrase asks for that of the private key at path, which is not shown.
func (s *stdio) passphrase(path string) ([]byte, error) {
	in, isFile := s.in.(*os.File)
	if !isFile || !s.tty.in || !s.tty.err {
		return nil, hint.Wrap(errNoTerminal, "ssh-add "+path+", then --sign with its fingerprint: ssh-add -l")
	}
	fmt.Fprintf(s.err, "zlaunch: passphrase of %s: ", path)
	defer fmt.Fprintln(s.err)
	return term.ReadPassword(int(in.Fd()))
}
