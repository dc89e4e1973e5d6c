// Command zlaunch-demo is the model server of zlaunch's demonstration by itself.
package main

import (
	"os"

	"github.com/zlaunch/zlaunch/cmd/zlaunch-demo/server"
)

func main() { os.Exit(server.Main(os.Args[1:], os.Stdout, os.Stderr)) }
