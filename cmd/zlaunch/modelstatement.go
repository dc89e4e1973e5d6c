package main

import (
	"fmt"
	"path/filepath"

	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/model/oms"
)

// statement is what is said of a model that is pushed, and the key that signed it just now; nil
// and "" where nothing is. One that is there already goes as it is: whoever pulls judges it.
func (o modelOptions) statement(path string, print *model.Print) (text []byte, by string, err error) {
	switch {
	case o.signature != "":
		text, err = oms.ReadFile(o.signature, oms.MaxBundle)
		return text, "", err
	case o.sign == "":
		return nil, "", nil
	}
	signer, err := oms.OpenSigner(o.sign, o.certificate)
	if err != nil {
		return nil, "", err
	}
	m, err := oms.Of(print)
	if err != nil {
		return nil, "", err
	}
	at, err := filepath.Abs(path)
	if err != nil {
		return nil, "", fmt.Errorf("reading %q: %w", path, err)
	}
	text, err = signer.Sign(filepath.Base(at), m)
	return text, signer.Key.ID(), err
}
