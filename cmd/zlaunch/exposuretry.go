package main

import (
	"context"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/exposure/tried"
)

var cmdTry = &command{
	usage:   tried.Helper,
	short:   "try what is on standard input",
	long:    `For zlaunch exposure --probe, which starts it in the networks of containers.`,
	example: []string{"zlaunch " + tried.Helper},
	hidden:  true,
	bind: func(*pflag.FlagSet) runFunc {
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.none(); err != nil {
				return err
			}
			return tried.Serve(ctx, std.in, std.exact)
		}
	},
}
