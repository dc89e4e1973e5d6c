package bundle

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	oras "oras.land/oras-go/v2/registry"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/errcode"
	"oras.land/oras-go/v2/registry/remote/retry"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// How long and how often a registry is asked.
const (
	idle       = 30 * time.Second // without a byte, as podman's own dialer waits
	maxRetries = 3                // of what the registry was too busy for
	maxWait    = 5 * time.Second  // between two
	listing    = time.Minute      // of referrers in all: a listing of empty pages has no other end
)

// repositoryPlace is a repository of a registry.
type repositoryPlace struct{ *remote.Repository }

func openRegistry(r Ref, s Settings) (Place, error) {
	p, err := openRepository(r, s)
	if err != nil {
		return nil, err
	}
	return p, nil
}

func openRepository(r Ref, s Settings) (repositoryPlace, error) {
	plain, err := s.plain(r)
	if err != nil {
		return repositoryPlace{}, err
	}
	tls, err := s.tls(r.Host)
	if err != nil {
		return repositoryPlace{}, err
	}
	repo := &remote.Repository{
		Reference: oras.Reference{Registry: r.Host, Repository: r.Repository}, PlainHTTP: plain,
		ManifestMediaTypes: []string{ocispec.MediaTypeImageManifest, ocispec.MediaTypeImageIndex},
		MaxMetadataBytes:   maxIndex,
		SkipReferrersGC:    true, // many registries let nobody delete
	}
	home := &url.URL{Scheme: "https", Host: repo.Reference.Host()}
	if plain {
		home.Scheme = "http"
	}
	network := http.DefaultTransport.(*http.Transport).Clone()
	network.TLSClientConfig = tls
	login := func(ctx context.Context) (auth.Credential, error) { return s.login(ctx, r) }
	repo.Client = client(home, network, login, s.Agent)
	return repositoryPlace{repo}, nil
}

// loginFunc finds who we are.
type loginFunc func(context.Context) (auth.Credential, error)

// client asks for a login once the registry wants one, and only for the registry itself.
func client(home *url.URL, network http.RoundTripper, login loginFunc, agent string) *auth.Client {
	policy := &retry.GenericPolicy{
		Retryable: retry.DefaultPredicate, Backoff: retry.DefaultBackoff,
		MinWait: 100 * time.Millisecond, MaxWait: maxWait, MaxRetry: maxRetries,
	}
	c := &auth.Client{
		Client: &http.Client{Transport: &retry.Transport{
			Base:   guard{home, patience{idle, network}},
			Policy: func() retry.Policy { return policy },
		}},
		Credential: func(ctx context.Context, host string) (auth.Credential, error) {
			if host != home.Host {
				return auth.EmptyCredential, nil
			}
			return login(ctx)
		},
		Cache: auth.NewCache(),
	}
	c.SetUserAgent(agent)
	return c
}

// Resolve is the first that is asked of a registry.
func (p repositoryPlace) Resolve(ctx context.Context, reference string) (ocispec.Descriptor, error) {
	d, err := p.Repository.Resolve(ctx, reference)
	return d, p.explain(err)
}

func (p repositoryPlace) Referrers(ctx context.Context, subject ocispec.Descriptor, artifactType string, page Page) error {
	ctx, cancel := context.WithTimeout(ctx, listing)
	defer cancel()
	return p.Repository.Referrers(ctx, subject, artifactType, page)
}

// explain puts what to do beside what a registry, or its certificate, answers.
func (p repositoryPlace) explain(err error) error {
	host := p.Reference.Registry
	var answer *errcode.ErrorResponse
	var unknown x509.UnknownAuthorityError
	denied := []int{http.StatusUnauthorized, http.StatusForbidden}
	switch {
	case errors.Is(err, auth.ErrBasicCredentialNotFound), errors.As(err, &answer) && slices.Contains(denied, answer.StatusCode):
		return hint.Wrap(err, "podman login "+host)
	case errors.As(err, &unknown):
		return hint.Wrap(err, "cp CA.crt ~/.config/containers/certs.d/"+host+"/ca.crt")
	case refusesUs(err):
		return hint.Wrap(err, "cp ME.cert ME.key ~/.config/containers/certs.d/"+host+"/")
	case unreachable(err):
		scheme := "https://"
		if p.PlainHTTP {
			scheme = "http://"
		}
		return hint.Wrap(err, "curl -I "+scheme+host+"/v2/ tells whether a registry answers there")
	}
	return err
}

// unreachable tells whether nobody was there to talk to.
func unreachable(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// refusesUs tells whether the other side ended TLS for want of a certificate, or for the one
// that it was shown. Go names such alerts only in their text.
func refusesUs(err error) bool {
	var alert *net.OpError
	return errors.As(err, &alert) && alert.Op == "remote error" && strings.Contains(alert.Err.Error(), "certificate")
}

// Put pushes the blobs, then the manifest, then what refers to it, and names it last.
func (p repositoryPlace) Put(ctx context.Context, a Artifact, tag string, signatures ...[]byte) error {
	desc := a.Descriptor()
	err := p.pushAll(ctx, a.blobs(), desc, a.Manifest)
	for _, body := range signatures {
		if err == nil {
			err = p.sign(ctx, desc, body)
		}
	}
	if err == nil && tag != "" {
		err = p.Tag(ctx, desc, tag)
	}
	if err != nil {
		return fmt.Errorf("pushing the bundle %s to %s: %w", a.Bundle.Name, p.Reference, p.explain(err))
	}
	return nil
}

func (p repositoryPlace) sign(ctx context.Context, subject ocispec.Descriptor, body []byte) error {
	m, err := signatureOf(subject, body)
	if err != nil {
		return err
	}
	empty := ocispec.DescriptorEmptyJSON
	blobs := blobs{digest.FromBytes(body): body, empty.Digest: empty.Data}
	return p.pushAll(ctx, blobs, blob(ocispec.MediaTypeImageManifest, m), m)
}

// pushAll pushes blobs that are not there yet, and then the manifest that names them.
func (p repositoryPlace) pushAll(ctx context.Context, blobs blobs, desc ocispec.Descriptor, manifest []byte) error {
	for _, d := range slices.Sorted(maps.Keys(blobs)) {
		b := blob("application/octet-stream", blobs[d])
		there, err := p.Exists(ctx, b)
		if err == nil && !there {
			err = p.Push(ctx, b, reader(blobs[d]))
		}
		if err != nil {
			return err
		}
	}
	return p.Push(ctx, desc, reader(manifest))
}
