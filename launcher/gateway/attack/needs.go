package attack

import "crypto/tls"

// The needs of attacks: each tells what the target lacks.

func needs13(p *play) string {
	return lacks(p.Front.TLS.Only13, "the gateway speaks TLS 1.2 too")
}

func needsNames(p *play) string {
	return lacks(!p.Front.TLS.AnyName, "the gateway is asked to answer to any name")
}

func needsMutual(p *play) string {
	return lacks(p.Front.Clients.Certificates != nil, "the gateway asks for no client's certificate")
}

func needsCert(of func(*play) *tls.Certificate, which string) need {
	return func(p *play) string {
		if why := needsMutual(p); why != "" {
			return why
		}
		return lacks(of(p) != nil, "there is no certificate "+which)
	}
}

// needsBearer wants a gateway that asks for a token of either kind.
func needsBearer(p *play) string {
	c := p.Front.Clients
	return lacks(c.Tokens || c.JWT != nil, "the gateway asks for no token")
}

func needsToken(p *play) string {
	if why := needsBearer(p); why != "" {
		return why
	}
	return lacks(p.Token != "", "there is no token that is taken")
}

func needsOther(of func(*play) string, which string) need {
	return func(p *play) string {
		if why := needsBearer(p); why != "" {
			return why
		}
		return lacks(of(p) != "", "there is no token "+which)
	}
}

func needsJWT(p *play) string {
	return lacks(p.Front.Clients.JWT != nil, "the gateway takes no JSON Web Token")
}

func needsKeys(p *play) string {
	if why := needsJWT(p); why != "" {
		return why
	}
	return lacks(len(p.Keys) > 0, "the public keys are not known")
}

func needsSigner(p *play) string {
	if why := needsJWT(p); why != "" {
		return why
	}
	return lacks(p.Signer != nil, "it takes the issuer's private key, which zlaunch's own tests have")
}

func needsHeaders(p *play) string {
	return lacks(p.Headers != nil, "the server shows nobody the headers that it gets; zlaunch's own tests play it before one that does")
}

func needsMetrics(p *play) string {
	return lacks(p.Metrics != "" && p.calls.metrics != nil, "no metrics are published")
}

// lacks is a reason, unless it is met.
func lacks(met bool, why string) string {
	if met {
		return ""
	}
	return why
}

func needsSubjects(p *play) string {
	if why := needsCert(otherCert, "for a name that is not let in")(p); why != "" {
		return why
	}
	return lacks(len(p.Front.Clients.Certificates.Subjects) > 0, "each name that the authority signed is let in")
}
