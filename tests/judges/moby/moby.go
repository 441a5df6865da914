// SPDX-License-Identifier: MIT OR Apache-2.0

// Package moby describes what dockerd's registry service makes of the two
// lists in daemon.json. dockerd builds that service at its start, and
// `dockerd --validate` does not.
package moby

import (
	"crypto/tls"
	"encoding/json"
	"net/url"

	"regconf.test/judges/lines"
)

// Question asks about one daemon.json.
type Question struct {
	File string `json:"file"`
	// Registries are those whose endpoints are wanted.
	Registries []string `json:"registries"`
}

// Reply is the service's view.
type Reply struct {
	// Service is what `docker info` shows as RegistryConfig.
	Service any `json:"service"`
	// Endpoints has an entry for each registry that was asked for.
	Endpoints [][]Endpoint `json:"endpoints"`
}

// Endpoint is an address that dockerd tries, in this order.
type Endpoint struct {
	URL        string `json:"url"`
	Mirror     bool   `json:"mirror"`
	SkipVerify bool   `json:"skip_verify"`
	// Authorities is the number of CAs if it has its own.
	Authorities int `json:"authorities"`
}

// Service is what a release's registry service answers.
type Service struct {
	Config    any
	Endpoints func(registry string) ([]Endpoint, error)
}

// Main answers questions on standard input; O holds the lists as the release
// reads them from JSON.
func Main[O any](start func(options O) (Service, error)) {
	lines.Answer(func(question Question) (Reply, error) {
		var options O
		if err := json.Unmarshal([]byte(question.File), &options); err != nil {
			return Reply{}, err
		}
		service, err := start(options)
		if err != nil {
			return Reply{}, err
		}
		return reply(service, question.Registries)
	})
}

func reply(service Service, registries []string) (Reply, error) {
	reply := Reply{Service: service.Config, Endpoints: [][]Endpoint{}}
	for _, registry := range registries {
		endpoints, err := service.Endpoints(registry)
		if err != nil {
			return Reply{}, err
		}
		reply.Endpoints = append(reply.Endpoints, endpoints)
	}
	return reply, nil
}

// Described is an endpoint of registry.APIEndpoint's fields.
func Described(url *url.URL, mirror bool, config *tls.Config) Endpoint {
	endpoint := Endpoint{URL: url.String(), Mirror: mirror}
	if config == nil {
		return endpoint
	}
	endpoint.SkipVerify = config.InsecureSkipVerify
	if config.RootCAs != nil {
		//nolint:staticcheck // Only whether there are any matters.
		endpoint.Authorities = len(config.RootCAs.Subjects())
	}
	return endpoint
}
