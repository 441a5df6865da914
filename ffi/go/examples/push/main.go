// Command push makes the nodes of nodes.json as settings.json says.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"regconf"
)

func main() {
	text := must(os.ReadFile("settings.json"))
	settings := must(regconf.ParseSettings(text))
	defer settings.Close()
	nodes := must(regconf.LoadNodes("nodes.json"))
	defer nodes.Close()
	report := must(regconf.Push(context.Background(), nodes, settings, regconf.Options{}))
	fmt.Print(report)
	if err := report.Check(); err != nil {
		log.Fatal(err)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
