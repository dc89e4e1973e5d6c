package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model/store"
)

var cmdModel = &command{
	usage: "model [OPTION]... digest|inspect|sign|verify|pull|push|list|rm [PATH|REF]...",
	short: "say what a model is and who signed it; take models to registries and from there",
	long: `A model decides what a server answers, and some formats are programs. PATH is a model: a directory or a file.

zlaunch model digest reads it whole and prints two digests. digest is of the names, the contents and the right to run of all files, and of where symbolic links lead: it is what --model-digest of zlaunch-run(1) and digest in a profile's models take, and what a launch holds the tree against that it mounts. oms is the root digest of OpenSSF Model Signing v1.0, which other tools print: it is of the contents alone, so that a file with another name has the same one, and a tree with symbolic links has none. --json lists the files with the SHA-256 of each.

zlaunch model inspect tells what loading each file does, by what is in it and by what a loader takes it for by its names, of which links give it more; the worse counts: data are numbers, words and settings, read as their format to the end of the file; a graph is operations that the server has; code is whatever its maker wrote - pickles, also those in the zips of PyTorch and in arrays of objects, what is called like one, programs, scripts, Keras models with a Lambda layer, graphs of TensorFlow that reach files or Python, YAML with tags of Python, ONNX with tensors outside of the model -; of the rest, nobody here can tell. Of a shared object it says for which machine it is, and whether onnx-mlir compiled it for the accelerator NNPA, without which it does not run. Nothing is loaded, and what is not on the list, or is another format than its name says, is unknown. --cyclonedx prints that as an ML-BOM, with the digests of the model and of each file; PATH may then be a reference in the store, too.

zlaunch model sign writes a statement that names every file with its SHA-256, signed by the private key in --key, to PATH.sig or --signature: a Sigstore bundle as OpenSSF Model Signing v1.0 has it, which its other implementations verify. The key is of ECDSA on P-256, P-384 or P-521, in PEM without a passphrase. With --certificate the bundle has the certificates that say whose the key is, its own first; it must be for signing code. .git, .github, .gitignore and .gitattributes at the top are left out, as is the signature itself, and what --ignore names.

zlaunch model verify holds a tree against its statement, and that against who is trusted: the public keys in --key, or the authorities in --authority, whose certificates have to be valid today; --identity is a name that the signer's certificate must have: its common name, a mail address, a URI or a host. Which file was changed, is missing or was added is told, and the status is 1; so it is where nobody signed who is trusted. What the signer left out by name is told, too: its content nobody vouches for. Statements of files in parts (shards), with other digests than SHA-256 and by the method sigstore, which needs a transparency log, are refused.

zlaunch model push PATH REF puts a model where REF names: oci://HOST/REPOSITORY[:TAG] of a registry, or dir:PATH[:TAG] of an OCI image layout. It lies there as CNCF ModelPack has it, a layer for each file, and each layer has its name where ORAS looks too. The same names, contents and rights to run give the same digest on every machine. With --sign a statement by that private key goes with it, as zlaunch model sign writes one; with --signature one that is there. A model with symbolic links is refused.

zlaunch model pull REF puts a model of ModelPack, or plain files as ORAS keeps them, into the store of models, and prints its reference by digest: what --models of zlaunch-run(1) takes, as source in a profile's models does. A tag is resolved once, at the pull. Each blob is held against its digest and size, and nothing is a model of the store before it is all there; a pull that was ended at whatever moment is gone on with by the next. With --key or --authority somebody who is trusted must have signed it, as with verify, all of it, or it is refused. Archives are unpacked; paths that lead out or are one on some disks, links, devices, and what is larger than --max-size are refused. The disk is looked at before anything is fetched. Logins, certificates and registries without TLS are those of podman.

zlaunch model list shows the store: each model, by which references it was pulled, who signed it of those that were asked for, and which runs have it. With --check each is read again and held against what it was; the status is 1 where one is another. zlaunch model rm takes models out of it, and what no other has of their files; one that a container mounts, it leaves. With --partial it removes what pulls left that were never finished.

Whether a tree is still what it was is found out by reading it: sizes and times are what its owner says. A tree that changes while it is read is an error.`,
	example: []string{
		"zlaunch model digest ./m",
		"zlaunch model inspect ./m",
		"zlaunch model inspect ./m --cyclonedx > bom.json",
		"openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out models.key",
		"openssl pkey -in models.key -pubout -out models.pub",
		"zlaunch model sign ./m --key models.key",
		"zlaunch model verify ./m --key models.pub",
		"zlaunch model verify ./m --authority ca.pem --identity fraud@example.org",
		"zlaunch model push ./m oci://registry.example/ml/fraud:1 --sign models.key",
		"zlaunch model pull oci://registry.example/ml/fraud:1 --key models.pub",
		"zlaunch model list --check",
		"zlaunch model rm oci://registry.example/ml/fraud:1",
	},
	strangers: true,
	complete:  completeModel,
	bind: func(fs *pflag.FlagSet) runFunc {
		var o modelOptions
		fs.StringArrayVar(&o.keys, "key", nil, "with sign: the private key in `FILE`; with verify and pull: a public key that is trusted, can be given several times")
		fs.StringVar(&o.certificate, "certificate", "", "with sign and push: the certificates in `FILE` say whose the key is, its own first")
		fs.StringArrayVar(&o.ignore, "ignore", nil, "with sign: leave out what lies at `PATH` in the model")
		fs.StringArrayVar(&o.authorities, "authority", nil, "with verify and pull: certificates of the authorities in `FILE` are trusted")
		fs.StringVar(&o.identity, "identity", "", "with verify and pull: the signer's certificate must have this `NAME`")
		fs.StringVar(&o.signature, "signature", "", "with sign and verify: the signature is in `FILE` (default PATH.sig); with push: it goes with the model")
		fs.StringVar(&o.sign, "sign", "", "with push: sign a statement with the private key in `FILE`")
		fs.StringVar(&o.most, "max-size", "", "with pull: refuse a model of more than `SIZE`, as 20g (default ten times what is fetched, and 1g at least)")
		fs.BoolVar(&o.cyclonedx, "cyclonedx", false, "with inspect: print CycloneDX 1.6, an ML-BOM")
		fs.BoolVar(&o.check, "check", false, "with list: read every model again")
		fs.BoolVar(&o.partial, "partial", false, "with rm: remove what pulls left that were never finished")
		fs.BoolVar(&o.json, "json", false, "print JSON; not of sign and rm")
		o.engine.bind(fs)
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
			if err := args.count(modelVerbs[i].least, modelVerbs[i].most); err != nil {
				return err
			}
			return modelVerbs[i].run(ctx, std, args.words, o)
		}
	},
}

// modelOptions are those of all verbs.
type modelOptions struct {
	keys, ignore, authorities        []string
	certificate, identity, signature string
	sign, most                       string
	json, check, partial, cyclonedx  bool
	engine                           engineOptions
}

// modelVerb is what can be done with a model.
type modelVerb struct {
	name        string
	least, most int      // words that it takes
	options     []string // that it has
	run         func(ctx context.Context, std *stdio, words []string, o modelOptions) error
}

// atPath is what is done with the model at one path.
func atPath(run func(ctx context.Context, std *stdio, path string, o modelOptions) error) func(context.Context, *stdio, []string, modelOptions) error {
	return func(ctx context.Context, std *stdio, words []string, o modelOptions) error {
		return unfound(words[0], run(ctx, std, words[0], o))
	}
}

// unfound says of an error what to do where there is nothing at the path of a model: what is there
// is called nearly so, or what the directory has.
func unfound(path string, err error) error {
	if _, missing := os.Stat(path); err == nil || hint.Of(err) != "" || !errors.Is(missing, fs.ErrNotExist) {
		return err
	}
	dir, name := filepath.Split(path)
	entries, _ := os.ReadDir(cmp.Or(dir, "."))
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	next := "the path of a directory or a file; zlaunch model list has those of the store"
	if near := hint.Nearest(name, names); near != "" {
		next = "did you mean " + dir + near + "?"
	}
	return hint.Wrap(err, next)
}

// modelVerbs are all of them. Treat it as a constant.
var modelVerbs = []modelVerb{
	{"digest", 1, 1, []string{"json"}, atPath(digestModel)},
	{"inspect", 1, 1, []string{"json", "cyclonedx"}, atPath(inspectModel)},
	{"sign", 1, 1, []string{"key", "certificate", "ignore", "signature"}, atPath(signModel)},
	{"verify", 1, 1, []string{"key", "authority", "identity", "signature", "json"}, atPath(verifyModel)},
	{"pull", 1, 1, []string{"key", "authority", "identity", "max-size", "json"}, pullModel},
	{"push", 2, 2, []string{"sign", "certificate", "signature", "json"}, pushModel},
	{"list", 0, 0, []string{"check", "json"}, listModels},
	{"rm", 0, 1000, []string{"partial", "connection", "url"}, removeModels},
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

// completeModel lists the verbs, and for rm what the store has; the shell itself completes paths.
func completeModel(std *stdio, words []string) []string {
	words = slices.DeleteFunc(slices.Clone(words[:len(words)-1]), func(w string) bool { return strings.HasPrefix(w, "-") })
	if len(words) == 0 {
		return modelVerbNames()
	}
	if words[0] != "rm" {
		return nil
	}
	refs, _ := store.In(std.storeDirs().Data).Refs()
	var out []string
	for _, r := range refs {
		out = append(out, r.Ref)
	}
	return out
}
