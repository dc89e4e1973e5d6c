package token

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/files"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// schema is the version of the file of tokens.
const schema = "zlaunch.dev/gateway-tokens/v1"

const (
	file      = "tokens.json"
	most      = 1000      // tokens of one gateway
	mostBytes = 512 << 10 // of its file: each has some 250
)

// Store is the tokens of one gateway.
type Store struct{ dir files.Dir }

// Of are the tokens of the gateway whose directory that is.
func Of(dir files.Dir) Store { return Store{dir} }

type document struct {
	Schema string  `json:"schema"`
	Tokens []Token `json:"tokens"`
}

// List are the tokens, by name, also those that are over.
func (s Store) List() ([]Token, error) {
	data, err := s.dir.Secret(file, mostBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", s.dir.Path(file), err)
	}
	return out, nil
}

// parse reads the file strictly: what it does not know might take something back.
func parse(data []byte) ([]Token, error) {
	if len(data) > mostBytes {
		return nil, fmt.Errorf("more than %d bytes", mostBytes)
	}
	var doc document
	r := json.NewDecoder(bytes.NewReader(data))
	r.DisallowUnknownFields()
	if err := r.Decode(&doc); err != nil {
		return nil, err
	}
	if _, err := r.Token(); err == nil {
		return nil, errors.New("something stands behind its end")
	}
	if doc.Schema != schema {
		return nil, hint.Errorf("zlaunch version", "schema %q is not %q, the one this zlaunch reads", doc.Schema, schema)
	}
	if len(doc.Tokens) > most {
		return nil, fmt.Errorf("more than %d tokens", most)
	}
	names, hashes := map[string]bool{}, map[string]bool{}
	for _, t := range doc.Tokens {
		if err := t.check(); err != nil {
			return nil, err
		}
		if names[t.Name] || hashes[t.Hash] {
			return nil, fmt.Errorf("token %s stands there twice", t.Name)
		}
		names[t.Name], hashes[t.Hash] = true, true
	}
	return doc.Tokens, nil
}

// Add makes a token and returns its secret, which nobody can be told again.
func (s Store) Add(ctx context.Context, t Token) (secret string, err error) {
	secret = newSecret()
	t.Hash = hash(secret)
	t.Created = t.Created.UTC().Truncate(time.Second)
	if err := t.check(); err != nil {
		return "", err
	}
	err = s.change(ctx, t.Created, func(all []Token) ([]Token, error) {
		if slices.ContainsFunc(all, func(o Token) bool { return o.Name == t.Name }) {
			return nil, hint.Errorf("zlaunch token revoke "+s.dir.Name()+" "+t.Name, "gateway %s has a token %s already", s.dir.Name(), t.Name)
		}
		if len(all) >= most {
			return nil, hint.Errorf("zlaunch token list "+s.dir.Name(), "gateway %s has %d tokens, as many as one can have", s.dir.Name(), most)
		}
		return append(all, t), nil
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// Revoke takes a token back.
func (s Store) Revoke(ctx context.Context, name string, now time.Time) error {
	return s.change(ctx, now, func(all []Token) ([]Token, error) {
		left := slices.DeleteFunc(slices.Clone(all), func(t Token) bool { return t.Name == name })
		if len(left) == len(all) {
			return nil, hint.Errorf("zlaunch token list "+s.dir.Name(), "gateway %s has no token %q", s.dir.Name(), name)
		}
		return left, nil
	})
}

// Publish writes the proxy's file anew: tokens that are over are out of it then.
func (s Store) Publish(ctx context.Context, now time.Time) error {
	return s.change(ctx, now, func(all []Token) ([]Token, error) { return all, nil })
}

// change replaces the tokens by what do makes of them. The proxy's file never has a token
// that is not in ours, also where this is killed in the middle: it loses one first, and
// gets one last.
func (s Store) change(ctx context.Context, now time.Time, do func([]Token) ([]Token, error)) error {
	return s.dir.Locked(ctx, func() error {
		was, err := s.List()
		if err != nil {
			return err
		}
		is, err := do(slices.Clone(was))
		if err != nil {
			return err
		}
		slices.SortFunc(is, func(a, b Token) int { return strings.Compare(a.Name, b.Name) })
		data, err := json.MarshalIndent(document{schema, is}, "", " ")
		if err != nil {
			return err
		}
		both := slices.DeleteFunc(slices.Clone(is), func(t Token) bool {
			return !slices.ContainsFunc(was, func(o Token) bool { return o.Hash == t.Hash })
		})
		if len(both) < len(was) {
			err = s.publish(both, now)
		}
		if err == nil {
			err = s.dir.Write(file, append(data, '\n'))
		}
		if err == nil {
			err = s.publish(is, now)
		}
		return err
	})
}

func (s Store) publish(tokens []Token, now time.Time) error {
	return s.dir.Write(filepath.Join(files.Mounted, gateway.TokensFile), Map(tokens, now))
}
