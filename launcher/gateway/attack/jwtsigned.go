package attack

import "time"

// signedTokens have the right signature, and something else that is wrong.
func signedTokens() []Attack {
	with := func(id, title string, header claims, change func(*play) claims) Attack {
		return jwt(id, title, needsSigner, bySigner(header, change))
	}
	in := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	return []Attack{
		with("no-exp", "no exp", nil, func(*play) claims { return claims{"exp": nil} }),
		with("expired", "an exp that has passed", nil, func(*play) claims { return claims{"exp": in(-time.Minute)} }),
		with("exp-text", "an exp that is a text", nil, func(*play) claims { return claims{"exp": "never"} }),
		with("exp-zero", "an exp of 0", nil, func(*play) claims { return claims{"exp": 0} }),
		with("nbf", "an nbf that is to come", nil, func(*play) claims { return claims{"nbf": in(time.Hour)} }),
		with("aud", "a wrong aud", nil, func(*play) claims { return claims{"aud": "zlattack"} }),
		with("no-aud", "no aud", nil, func(*play) claims { return claims{"aud": nil} }),
		with("aud-array", "an aud that is a list", nil, func(p *play) claims { return claims{"aud": []string{"zlattack", p.Front.Clients.JWT.Audience}} }),
		with("aud-part", "an aud that is longer", nil, func(p *play) claims { return claims{"aud": p.Front.Clients.JWT.Audience + "-zlattack"} }),
		with("iss", "a wrong iss", nil, func(*play) claims { return claims{"iss": "https://zlattack.invalid"} }),
		with("no-iss", "no iss", nil, func(*play) claims { return claims{"iss": nil} }),
		with("iss-case", "the iss in another case", nil, func(p *play) claims { return claims{"iss": p.Front.Clients.JWT.Issuer + "/"} }),
		with("no-sub", "nobody's: no sub", nil, func(*play) claims { return claims{"sub": nil} }),
		with("sub-line", "a sub with a line break", nil, func(*play) claims { return claims{"sub": "a\r\nX-Zlaunch-Client: zlattack"} }),
		with("crit", "an extension that must be understood", claims{"crit": []string{"zlattack"}, "zlattack": true}, func(*play) claims { return nil }),
		jwt("tampered", "claims that were changed after they were signed", needsSigner, tampered),
	}
}

// bySigner is a token signed by the issuer.
func bySigner(header claims, change func(*play) claims) token {
	return func(p *play) (string, error) {
		return signed(p.Front.Clients.JWT.Algorithm, p.Signer, header, p.good().over(change(p)))
	}
}

// tampered has the signature of other claims.
func tampered(p *play) (string, error) {
	text, err := bySigner(nil, func(*play) claims { return claims{"sub": "other"} })(p)
	if err != nil {
		return "", err
	}
	return encoded(claims{"alg": p.Front.Clients.JWT.Algorithm, "typ": "JWT"}, p.good()) + text[lastDot(text):], nil
}

func lastDot(text string) int {
	for i := len(text) - 1; i >= 0; i-- {
		if text[i] == '.' {
			return i
		}
	}
	return len(text)
}
