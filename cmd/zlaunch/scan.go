package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/bom"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

var cmdScan = &command{
	usage: "scan [OPTION]... IMAGE|--import FILE|list|show IMAGE|diff A [B]",
	short: "have scanners look at images; keep, show and compare what they find",
	long: `zlaunch scan IMAGE has scanners look at an image. IMAGE is one that the engine holds, by name or id; a profile, whose image is meant; or a directory with an OCI image layout. Of the file of a stack (zlaunch-up(1)) the images of its members are meant, each once; they are printed as one table, and the status is that of the worst. A scanner is a profile like any other, trivy and grype among the built-in ones, and runs as a prisoner: without a network, with a read-only root and no capabilities, not as root, with the image and its database mounted read-only and nothing else. What runs is proved to be that, as every run is. Its report is read from its standard output while it is printed; what is refused there ends it. Of several scanners each looks by itself: where one fails the status is not 0, and the records of the others are kept. grype, whose report counts no packages, is run once more where it finds nothing in packages of a distribution, to say which packages it saw, and what its database knows of their distribution. Nothing is pulled: without --scanner those look whose images the engine holds.

Before it is believed, a scanner is shown an image that is known to be bad, with the same database: what does not find CVE-2023-5363 in openssl 3.0.9-1 of Debian 12, and CVE-2022-40897 in setuptools 58.1.0, does not work. --db gives it its database, which is fetched elsewhere: of trivy the directory db of its cache (~/.cache/trivy/db), of grype the cache itself (~/.cache/grype/db). The record says which database it was, by the digest that zlaunch model digest prints, and of which day, as trivy's metadata.json or grype's own report says. One that changes meanwhile, or is older than --db-max-age, is refused. The status is 1 also where the scan shows that it cannot be relied on: it saw no package, or the distribution is at its end of life.

zlaunch scan --import FILE reads a report of a scanner, or with - standard input, and keeps it as the record of its image, in the place of an earlier one by the same scanner. It reads: trivy --format json; grype -o json; aws ecr describe-image-scan-findings, basic and enhanced; gcloud artifacts docker images list-vulnerabilities --format json; docker scout cves --format gitlab; debsecan, also with --format detail. Which it is, its content tells. A report that is cut short, of a version that is not known, or larger than any is refused as a whole: it would pass for clean.

A report is of an image by its digests. --image says which image was asked for, by a reference that the engine knows, or by a digest; a report of another image is refused. Of a report that names no image, as debsecan's and some of Docker Scout's do not, it says whose it is, and the record says so; one of another scanner, which always names it, is refused. --scanned and --db-built say when it was made, and with a database of which day, where the report does not.

What is known of vulnerabilities elsewhere is noted at the import, from files that were fetched before: --kev, CISA's known_exploited_vulnerabilities.json; --epss, FIRST's scores as CSV; --vex, OpenVEX 0.2.0. The record says against which catalogue its findings were held, for a policy that asks whether any is exploited. What its supplier says is not_affected, with a justification, or fixed is shown and stands against no image, unless it is known to be exploited; it is said of the image by its digest, or of a package by its URL, for fixed with a version. Of several files and statements the last word counts, by its timestamp; of several CVEs of one advisory each must have one, and so must the finding of each scanner: give the files with every import. Import the report again to take newer files: what was marked as exploited or affected stays so, what was silenced is judged anew.

zlaunch scan list says which images have records: by which tool, when, and with how many findings. An image that is itself called list, show or diff is named in full, localhost/list.

zlaunch scan show IMAGE shows the records of an image: who scanned it when, each finding with what every source says of it, and how many there are. IMAGE is a profile, whose image is meant, a reference that the engine knows, or a digest. A finding that several scanners have is one, and says who saw it.

zlaunch scan diff A B says in what two scans differ. Each is a report in a file, or an image with a record. Of two dates or two images that is what was fixed, what remains, what is new and what is rated otherwise; of two scanners, what only one of them found. With A alone, an image that two scanners have a record of, it compares those.

How bad a finding is, sources disagree on. --order names whose word counts, the first that has one: distro is the vendor of the image's distribution, scanner the tool itself, or a source as zlaunch scan show names it, nvd, ghsa, redhat. Without it, it is the graver of distro and scanner. What nobody rates is unknown and counts as high.

--fail-on ends with status 1 where something stands against the image: a finding so bad, and with --only-fixable one that a newer version mends, or of which nobody knows; a scan that failed, is not whole, or saw no package; a distribution at its end of life.

--cyclonedx prints CycloneDX 1.6: the image by its digest, each package in which something was found by its package URL, each vulnerability with every rating, and what an OpenVEX statement said of it as its analysis. With --models it is an ML-BOM: of each model, a path or a reference in the store of models, the digests of zlaunch model digest, and of each of its files the SHA-256, the format and what loading it does. The same facts give the same text: it has no time of its own, and its serial number is made of its content.

Records are files of yours, below ~/.local/state/zlaunch/scans: whoever can write them can make them say anything.`,
	example: []string{
		"zlaunch scan localhost/server:1 --scanner trivy --db ~/.cache/trivy/db",
		"zlaunch scan shop.toml --scanner trivy --db ~/.cache/trivy/db",
		"zlaunch scan triton --db trivy=~/.cache/trivy/db --db grype=~/.cache/grype/db --fail-on high --only-fixable",
		"trivy image --format json --list-all-pkgs IMAGE | zlaunch scan --import - --image IMAGE",
		"zlaunch scan --import report.json --fail-on high --only-fixable",
		"zlaunch scan --import report.json --kev known_exploited_vulnerabilities.json --vex vendor.openvex.json",
		"zlaunch scan list",
		"zlaunch scan show docker.io/library/python:3.9.16",
		"zlaunch scan show IMAGE --severity high --order distro,ghsa,nvd",
		"zlaunch scan show IMAGE --sarif > scan.sarif",
		"zlaunch scan show IMAGE --cyclonedx --models ./m > bom.json",
		"zlaunch scan diff trivy.json grype.json",
		"zlaunch scan diff old.json new.json --json",
	},
	reaps: true,
	complete: func(std *stdio, words []string) []string {
		if len(words) > 1 {
			return nil
		}
		return append(scanVerbs(), completeProfiles(std, words)...)
	},
	bind: func(fs *pflag.FlagSet) runFunc {
		x := &scanning{}
		fs.StringVar(&x.file, "import", "", "keep the report in `FILE`; - is standard input")
		fs.StringVar(&x.image, "image", "", "with --import: it must be of the image that `REF` names, or of this digest")
		fs.StringVar(&x.scanned, "scanned", "", "with --import: the `TIME` of a report that does not tell it, 2027-01-31 or RFC 3339")
		fs.StringVar(&x.built, "db-built", "", "with --import: the `TIME` of the scanner's database, likewise")
		fs.StringVar(&x.kev, "kev", "", "with IMAGE and --import: mark what CISA's catalogue in `FILE` says is exploited")
		fs.StringVar(&x.epss, "epss", "", "with IMAGE and --import: note how likely exploitation is, by FIRST's scores in `FILE`")
		fs.StringArrayVar(&x.vex, "vex", nil, "with IMAGE and --import: note what the supplier says, in a `FILE` of OpenVEX")
		fs.BoolVar(&x.json, "json", false, "print JSON")
		fs.BoolVar(&x.sarif, "sarif", false, "print SARIF; not of diff")
		fs.BoolVar(&x.cyclonedx, "cyclonedx", false, "print CycloneDX 1.6; not of diff")
		fs.StringArrayVar(&x.models, "models", nil, "with --cyclonedx: name the model at `PATH|REF` too, can be given several times")
		fs.BoolVar(&x.fixable, "only-fixable", false, "show, and count, what a newer version mends")
		fs.StringVar(&x.severity, "severity", "", "show what is at least of `SEVERITY`: critical, high, medium, low, negligible")
		fs.StringVar(&x.failOn, "fail-on", "", "end with status 1 where a finding is at least of `SEVERITY`; not of diff")
		fs.StringSliceVar(&x.order, "order", nil, "whose word on severity counts: `SOURCES`, the first first")
		fs.StringSliceVar(&x.tools, "tool", nil, "take only scans by these `TOOLS`")
		x.prison.bind(fs)
		x.engine.bind(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			x.std = std
			return x.run(ctx, args)
		}
	},
}

// scanning is one call of zlaunch scan.
type scanning struct {
	std                  *stdio
	engine               engineOptions
	file, image          string
	scanned, built       string
	kev, epss            string
	vex                  []string
	json, sarif, fixable bool
	cyclonedx            bool
	models               []string
	parts                []bom.Model // at models
	severity, failOn     string
	order, tools         []string
	wish                 report.ScanWish
	prison               prisonOptions
	own                  bool     // zlaunch runs the scanner itself
	known                []marker // of vulnerabilities, by files; where it does
}

func (x *scanning) run(ctx context.Context, args arguments) error {
	verb := ""
	if len(args.words) > 0 {
		verb = args.words[0]
	}
	if err := x.understand(verb); err != nil {
		return &usageError{err}
	}
	for _, word := range x.models {
		m, err := modelOfBOM(ctx, x.std, word)
		if err != nil {
			return err
		}
		x.parts = append(x.parts, m)
	}
	switch {
	case x.file != "":
		return x.take(ctx, args)
	case verb == "list":
		args.words = args.words[1:]
		return x.list(args)
	case verb == "show":
		args.words = args.words[1:]
		return x.show(ctx, args)
	case verb == "diff":
		args.words = args.words[1:]
		return x.diff(ctx, args)
	}
	return jail{x}.run(ctx, args)
}

// understand reads the values of the options, and refuses those that are another verb's.
func (x *scanning) understand(verb string) (err error) {
	x.own = x.file == "" && verb != "" && !slices.Contains(scanVerbs(), verb)
	x.wish = report.ScanWish{Order: x.order, Fixable: x.fixable}
	if err := x.wish.Order.Check(); err != nil {
		return err
	}
	for _, threshold := range []string{x.severity, x.failOn} {
		if threshold != "" && err == nil {
			_, err = scan.ParseSeverity(threshold)
		}
	}
	if err == nil {
		err = scan.CheckTools(x.tools)
	}
	x.wish.Severity = scan.Severity(strings.ToLower(x.severity))
	switch {
	case err != nil:
		return err
	case x.file == "" && verb == "":
		return hint.Errorf("zlaunch scan IMAGE\nzlaunch scan --import FILE\nzlaunch scan list\nzlaunch scan show IMAGE\nzlaunch scan diff A B", "scan: what is to be done is IMAGE, --import FILE, list, show or diff")
	case x.file == "" && x.scanned+x.built != "":
		return hint.Errorf("zlaunch scan --import FILE --scanned TIME", "--scanned and --db-built go with --import")
	case x.file == "" && !x.own && x.kev+x.epss+strings.Join(x.vex, "") != "":
		return hint.Errorf("zlaunch scan --import FILE --kev FILE", "--kev, --epss and --vex go with --import, or with IMAGE")
	case !x.own && x.prison.given():
		return hint.Errorf("zlaunch scan IMAGE --scanner trivy --db ~/.cache/trivy/db", "--scanner, --db, --db-max-age, --memory and --waive go with IMAGE")
	case x.file == "" && verb != "diff" && x.image != "":
		return hint.Errorf("zlaunch scan show IMAGE", "--image goes with --import and diff")
	case verb == "list" && (x.sarif || x.cyclonedx || x.fixable || x.failOn+x.severity != "" || len(x.order) > 0):
		return hint.Errorf("zlaunch scan show IMAGE", "of list there are --json and --tool: it tells of records, and of no finding")
	case verb == "diff" && (x.sarif || x.cyclonedx || x.failOn != ""):
		return hint.Errorf("zlaunch scan show IMAGE --sarif", "--sarif, --cyclonedx and --fail-on are not of diff")
	case x.sarif && x.json || x.sarif && x.cyclonedx || x.json && x.cyclonedx:
		return hint.Errorf("zlaunch scan show IMAGE --sarif", "--json, --sarif and --cyclonedx are forms of one document: two forms are two calls")
	case len(x.models) > 0 && !x.cyclonedx:
		return hint.Errorf("zlaunch scan show IMAGE --cyclonedx --models ./m", "--models goes with --cyclonedx")
	}
	return nil
}

// when reads a time of the command line; "" is none.
func when(option, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, &usageError{hint.Errorf("zlaunch scan --import FILE "+option+" 2027-01-31", "reading %s %q: it is no day and no time of RFC 3339", option, text)}
}

// counted are the scans by the tools that were asked for.
func (x *scanning) counted(in []*scan.Scan) []*scan.Scan {
	if len(x.tools) == 0 {
		return in
	}
	return slices.DeleteFunc(slices.Clone(in), func(s *scan.Scan) bool { return !slices.Contains(x.tools, s.Tool.Name) })
}
