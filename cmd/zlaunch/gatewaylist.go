package main

import (
	"context"
	"errors"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway/files"
	"github.com/zlaunch/zlaunch/launcher/gateway/pki"
	"github.com/zlaunch/zlaunch/launcher/gateway/token"
	"github.com/zlaunch/zlaunch/launcher/report"
)

func listGateways(_ context.Context, std *stdio, args arguments, o gatewayOptions) error {
	if err := args.none(); err != nil {
		return err
	}
	dirs, err := gatewaysOf(std, nil)
	if err != nil {
		return err
	}
	doc, now := report.Gateways{Schema: report.GatewaysSchema, Gateways: []report.Gateway{}}, time.Now()
	var errs []error
	for _, d := range dirs {
		g, err := gatewayOf(std, d, now)
		doc.Gateways = append(doc.Gateways, g)
		errs = append(errs, err)
	}
	switch {
	case o.json:
		errs = append(errs, report.JSON(std.out, doc))
	case len(dirs) == 0:
		std.note("there are no gateways")
	default:
		errs = append(errs, doc.Text(std.page, std.screen))
	}
	return errors.Join(errs...)
}

// gatewayOf is what is told of one, as far as its files can be read.
func gatewayOf(std *stdio, d files.Dir, now time.Time) (report.Gateway, error) {
	g := report.Gateway{Name: d.Name(), State: "none yet"}
	cert, err := pki.Server(d)
	if cert != nil {
		g.State, g.Names, g.Expires = report.Validity(cert.NotAfter, pki.Soon, now), pki.NamesOf(cert), &cert.NotAfter
	}
	warnEnding(std, d, now)
	tokens, errTokens := token.Of(d).List()
	for _, t := range tokens {
		g.Tokens.Count(report.Validity(t.Expires, token.Soon, now))
	}
	clients, errClients := pki.ClientsOf(d).List()
	for _, c := range clients {
		if c.Revoked == nil {
			g.Clients.Count(report.Validity(c.Expires, pki.Soon, now))
		}
	}
	if err := errors.Join(err, errTokens, errClients); err != nil {
		g.State = "unknown"
		return g, err
	}
	return g, nil
}

// completeClients lists the clients of a gateway that can be revoked.
func completeClients(std *stdio, name string) (out []string) {
	dirs, _ := gatewaysOf(std, []string{name})
	for _, d := range dirs {
		clients, _ := pki.ClientsOf(d).List()
		for _, c := range clients {
			if c.Revoked == nil {
				out = append(out, c.Name)
			}
		}
	}
	return out
}
