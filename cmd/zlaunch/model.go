package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

var cmdModel = &command{
	usage: "model [OPTION]... digest|inspect|sign|verify PATH",
	short: "say what a model tree is: its digest, its formats, and who signed it",
	long: `A model decides what a server answers, and some formats are programs. PATH is a model: a directory or a file.

zlaunch model digest reads it whole and prints two digests. digest is of the names, the contents and the right to run of all files, and of where symbolic links lead: it is what --model-digest of zlaunch-run(1) and digest in a profile's models take, and what a launch holds the tree against that it mounts. oms is the root digest of OpenSSF Model Signing v1.0, which other tools print: it is of the contents alone, so that a file with another name has the same one, and a tree with symbolic links has none. --json lists the files with the SHA-256 of each.

zlaunch model inspect tells what each file is by its content, whatever it is called, and what loading it does: data are numbers, words and settings; a graph is operations that the server has; code is whatever its maker wrote - pickles, also those in the zips of PyTorch and in arrays of objects, programs, scripts, Keras models with a Lambda layer, graphs of TensorFlow that reach files or Python, ONNX with tensors outside of the model -; of the rest, nobody here can tell. Nothing is loaded, and a format that is not on the list is unknown.

zlaunch model sign writes a statement that names every file with its SHA-256, signed by the private key in --key, to PATH.sig or --signature: a Sigstore bundle as OpenSSF Model Signing v1.0 has it, which its other implementations verify. The key is of ECDSA on P-256, P-384 or P-521, in PEM without a passphrase. With --certificate the bundle has the certificates that say whose the key is, its own first; it must be for signing code. .git, .github, .gitignore and .gitattributes at the top are left out, as is the signature itself, and what --ignore names.

zlaunch model verify holds a tree against its statement, and that against who is trusted: the public keys in --key, or the authorities in --authority, whose certificates have to be valid today; --identity is a name that the signer's certificate must have: its common name, a mail address, a URI or a host. Which file was changed, is missing or was added is told, and the status is 1; so it is where nobody signed who is trusted. What the signer left out by name is told, too: its content nobody vouches for. Statements of files in parts (shards), with other digests than SHA-256 and by the method sigstore, which needs a transparency log, are refused.

Whether a tree is still what it was is found out by reading it: sizes and times are what its owner says. A tree that changes while it is read is an error.`,
	example: []string{
		"zlaunch model digest ./m",
		"zlaunch model inspect ./m",
		"openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out models.key",
		"openssl pkey -in models.key -pubout -out models.pub",
		"zlaunch model sign ./m --key models.key",
		"zlaunch model verify ./m --key models.pub",
		"zlaunch model verify ./m --authority ca.pem --identity fraud@example.org",
	},
	complete: completeModel,
	bind: func(fs *pflag.FlagSet) runFunc {
		var o modelOptions
		fs.StringArrayVar(&o.keys, "key", nil, "with sign: the private key in `FILE`; with verify: a public key that is trusted, can be given several times")
		fs.StringVar(&o.certificate, "certificate", "", "with sign: the certificates in `FILE` say whose the key is, its own first")
		fs.StringArrayVar(&o.ignore, "ignore", nil, "with sign: leave out what lies at `PATH` in the model")
		fs.StringArrayVar(&o.authorities, "authority", nil, "with verify: certificates of the authorities in `FILE` are trusted")
		fs.StringVar(&o.identity, "identity", "", "with verify: the signer's certificate must have this `NAME`")
		fs.StringVar(&o.signature, "signature", "", "with sign and verify: the signature is in `FILE` (default PATH.sig)")
		fs.BoolVar(&o.json, "json", false, "with digest, inspect and verify: print JSON")
		return func(ctx context.Context, std *stdio, args arguments) error {
			name := ""
			if len(args.words) > 0 {
				name, args.words = args.words[0], args.words[1:]
			}
			i := slices.IndexFunc(modelVerbs, func(v modelVerb) bool { return v.name == name })
			if i < 0 {
				return &usageError{hint.Errorf("zlaunch help model", "model: what is to be done is one of %s, not %q", strings.Join(modelVerbNames(), ", "), name)}
			}
			if err := modelVerbs[i].owns(fs); err != nil {
				return err
			}
			if err := args.count(1, 1); err != nil {
				return err
			}
			return modelVerbs[i].run(ctx, std, args.words[0], o)
		}
	},
}

// modelOptions are those of all verbs.
type modelOptions struct {
	keys, ignore, authorities        []string
	certificate, identity, signature string
	json                             bool
}

// modelVerb is what can be done with a model at a path.
type modelVerb struct {
	name    string
	options []string // that it has
	run     func(ctx context.Context, std *stdio, path string, o modelOptions) error
}

// modelVerbs are all of them. Treat it as a constant.
var modelVerbs = []modelVerb{
	{"digest", []string{"json"}, digestModel},
	{"inspect", []string{"json"}, inspectModel},
	{"sign", []string{"key", "certificate", "ignore", "signature"}, signModel},
	{"verify", []string{"key", "authority", "identity", "signature", "json"}, verifyModel},
}

// owns refuses an option of another verb.
func (v modelVerb) owns(fs *pflag.FlagSet) (err error) {
	fs.Visit(func(f *pflag.Flag) {
		for _, other := range modelVerbs {
			if slices.Contains(other.options, f.Name) && !slices.Contains(v.options, f.Name) && err == nil {
				err = &usageError{hint.Errorf("zlaunch model "+other.name, "--%s is of %s", f.Name, other.name)}
			}
		}
	})
	return err
}

func modelVerbNames() (out []string) {
	for _, v := range modelVerbs {
		out = append(out, v.name)
	}
	return out
}

// completeModel lists the verbs; the shell itself completes paths.
func completeModel(_ *stdio, words []string) []string {
	words = slices.DeleteFunc(slices.Clone(words[:len(words)-1]), func(w string) bool { return strings.HasPrefix(w, "-") })
	if len(words) == 0 {
		return modelVerbNames()
	}
	return nil
}
