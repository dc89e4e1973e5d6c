package launcher_test

import (
	"context"
	"fmt"
	"log"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// The demo of this repository, launched, asked for its address, and stopped.
func Example() {
	ctx := context.Background()
	l, err := launcher.Open(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	plan, err := l.Plan(ctx, launcher.Options{Profile: "demo", Models: "testdata/models", Detach: true})
	if err != nil {
		log.Fatal(err)
	}
	run, err := l.Launch(ctx, plan) // refuses what stands against the plan
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(run.URLs[0].URL, "proved", len(run.Proof))
	made, err := l.One(ctx, run.Name)
	if err == nil {
		err = l.Stop(ctx, made)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// A plan without an engine: what the image would tell is left open.
func ExampleLauncher_Plan() {
	sources, _, err := profile.Sources(profile.Dirs{}) // the built-in ones
	if err != nil {
		log.Fatal(err)
	}
	catalog, err := profile.Load(sources)
	if err != nil {
		log.Fatal(err)
	}
	l := &launcher.Launcher{Catalog: catalog, Host: &host.Facts{OS: "linux", Arch: "s390x", Conf: &host.Conf{}}}
	plan, err := l.Plan(context.Background(), launcher.Options{Profile: "triton"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(plan.Profile.Name, plan.Profile.Kind, "on", plan.Profile.Arch)
	fmt.Println(len(plan.Open), "things are open")
	// Output:
	// triton server on s390x
	// 2 things are open
}

// A plan judged by the catalogue of controls, before there is a container.
func ExampleAudits_Plan() {
	sources, _, err := profile.Sources(profile.Dirs{}) // the built-in ones
	if err != nil {
		log.Fatal(err)
	}
	l := &launcher.Launcher{Catalog: profile.Assemble(sources), Host: &host.Facts{OS: "linux", Arch: "amd64", Conf: &host.Conf{}}}
	plan, err := l.Plan(context.Background(), launcher.Options{Profile: "triton", PodmanArgs: []string{"--privileged"}})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range l.Audits().Plan(plan).Findings {
		if f.Verdict == audit.Fail && f.Severity == audit.Critical {
			fmt.Println(f.Control.ID, f.Control.Title)
		}
	}
	// Output:
	// ZL-201 Not privileged
}
