package subject

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/quadlet"
	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/signoff"
)

// maxOthers bounds how many files of a directory are read that are no units.
const maxOthers = 1000

// others reads the files of a directory that are no units, but not those below it. Of a
// file that runs nothing, or is no text, nothing is said.
func (f Files) others(dir string) (out []Pending, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("auditing %s: %w", dir, cause(err))
	}
	read := 0
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		info, err := os.Stat(name) // of what a link leads to: it runs as that
		if err == nil && (info.IsDir() || info.Mode()&fs.ModeSocket != 0) || quadlet.RunsCommands(filepath.ToSlash(name)) || e.Name() == "profiles.toml" {
			continue
		}
		if read++; read > maxOthers {
			why := fmt.Sprintf("more than %d files are in it, and those from %s on are not read", maxOthers, command.Clip(e.Name()))
			return append(out, Done(AuditUnread(dir+" (more)", []form.Open{{Word: -1, Why: why}}))), nil
		}
		text, err := start(name)
		named := len(shell.Mentions(string(text), nil)) > 0
		switch {
		case IsEvidence(text), isProgram(text) && !named:
			continue // a record is none of what runs there
		case signoff.IsEnvelope(text) && !named:
			continue // and so is a signed one
		case signoff.IsEnvelope(text):
			err = errors.New("it is a signed record, and names an engine")
		case isProgram(text):
			err = errors.New("it is no text, and names an engine")
		}
		if err != nil {
			out = append(out, Done(AuditUnread(name, []form.Open{{Word: -1, Why: "it is not read: " + err.Error()}})))
			continue
		}
		if more, err := f.Text(name, text); err == nil {
			out = append(out, more...)
		}
	}
	return out, nil
}

// isProgram tells whether a file is no text: it holds a NUL, and is none in UTF-16.
func isProgram(text []byte) bool {
	return bytes.IndexByte(text, 0) >= 0 && !bytes.HasPrefix(text, []byte{0xff, 0xfe}) && !bytes.HasPrefix(text, []byte{0xfe, 0xff})
}

// start reads a file as far as any is read. An error may come with what was read.
func start(name string) ([]byte, error) {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() { // a FIFO would wait for ever
		return nil, cmp.Or(cause(err), errors.New("it is no regular file"))
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, cause(err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, MaxFile+1))
	if err == nil && len(data) > MaxFile {
		return data, fmt.Errorf("it is larger than %d MiB", MaxFile>>20)
	}
	return data, cause(err)
}
