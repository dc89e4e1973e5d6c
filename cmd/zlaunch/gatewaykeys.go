package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/zlaunch/zlaunch/launcher/gateway/jwks"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

// gatewayKeys writes the keys of a set, and prints the lines of a stack that name them.
func gatewayKeys(_ context.Context, std *stdio, args arguments, o gatewayOptions) error {
	if err := args.count(1, 1); err != nil {
		return err
	}
	if o.out == "" {
		return &usageError{hint.Errorf("zlaunch gateway keys FILE --out DIR", "where the keys are written is not said")}
	}
	keys, err := jwks.ReadFile(std.absolute(args.words[0]))
	if err != nil {
		return err
	}
	dir := std.absolute(o.out)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("writing the keys: %w", err)
	}
	var files []string
	for _, k := range keys {
		text, err := k.PEM()
		if err == nil {
			err = subject.WriteFile(filepath.Join(dir, k.Name+".pem"), text)
		}
		if err != nil {
			return fmt.Errorf("writing the keys: %w", err)
		}
		files = append(files, filepath.Join(o.out, k.Name+".pem"))
	}
	lines, err := jwks.Lines(keys, files)
	if err != nil {
		return err
	}
	std.note("%d keys are written; a stack names them so, with the tokens' issuer and audience:", len(keys))
	_, err = std.out.Write(lines)
	return err
}
