package regconf_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"regconf"
)

const settings = `{"ensure":[{"host":"my-registry.com","endpoints":[{"url":"http://192.168.30.56:5000"}]}]}`

// What becomes of files, without a node.
func ExampleMakePlan() {
	settings, err := regconf.ParseSettings([]byte(settings))
	if err != nil {
		log.Fatal(err)
	}
	defer settings.Close()
	facts := regconf.NewFacts()
	defer facts.Close()
	if err := facts.AddFile("/etc/containerd/config.toml", []byte("version = 2\n")); err != nil {
		log.Fatal(err)
	}
	if err := facts.SetVersion(regconf.Containerd, "1.7.24"); err != nil {
		log.Fatal(err)
	}
	plan, err := regconf.MakePlan(settings, facts)
	if err != nil {
		log.Fatal(err)
	}
	defer plan.Close()
	changes, err := plan.Changes()
	if err != nil {
		log.Fatal(err)
	}
	for _, change := range changes {
		fmt.Println(change.Path)
	}
	text, err := plan.ExplainText(facts, "my-registry.com/team/app:v1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(text)
	// Output:
	// /etc/containerd/certs.d/my-registry.com/hosts.toml
	// /etc/containerd/config.toml
	// containerd: my-registry.com/team/app:v1 -> http://192.168.30.56:5000/v2 (plain http), from /etc/containerd/certs.d/my-registry.com/hosts.toml
}

// A push, here to a folder that holds a system.
func ExamplePush() {
	root, err := os.MkdirTemp("", "system")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(root)
	if err := os.MkdirAll(filepath.Join(root, "etc/docker"), 0o755); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "etc/docker/daemon.json"), []byte("{}\n"), 0o644); err != nil {
		log.Fatal(err)
	}
	settings := regconf.NewSettings()
	defer settings.Close()
	if err := settings.Ensure(regconf.Registry{Host: "192.168.30.56:5000", Insecure: regconf.InsecureHTTP}); err != nil {
		log.Fatal(err)
	}
	nodes := regconf.NewNodes()
	defer nodes.Close()
	if err := nodes.AddLocal(root); err != nil {
		log.Fatal(err)
	}
	options := regconf.Options{OnEvent: func(event regconf.Event) error {
		if event.Kind == regconf.EventFinished {
			fmt.Println(event.Report.Outcome)
		}
		return nil
	}}
	for range 2 {
		report, err := regconf.Push(context.Background(), nodes, settings, options)
		if err != nil {
			log.Fatal(err)
		}
		if err := report.Check(); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// changed
	// unchanged
}

// What went wrong, and what to do about it.
func ExampleError() {
	_, err := regconf.ParseHost("http://my-registry.com")
	var known *regconf.Error
	fmt.Println(errors.Is(err, regconf.ErrInvalidArgument), errors.As(err, &known))
	fmt.Println(known.Hint)
	// Output:
	// true true
	// leave the scheme out here; it belongs to an endpoint's url
}

func ExampleAdvise() {
	advice, err := regconf.Advise("http: server gave HTTP response to HTTPS client")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(advice.Cause)
	// Output:
	// the registry speaks plain http and the engine expects https
}
