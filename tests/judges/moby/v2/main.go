// SPDX-License-Identifier: MIT OR Apache-2.0

// Command v2 tells what dockerd 29 and up makes of the registries in daemon.json.
package main

import (
	"github.com/moby/moby/v2/daemon/pkg/registry"

	judge "regconf.test/judges/moby"
)

func main() {
	judge.Main(start)
}

func start(options registry.ServiceOptions) (judge.Service, error) {
	service, err := registry.NewService(options)
	if err != nil {
		return judge.Service{}, err
	}
	endpoints := func(host string) ([]judge.Endpoint, error) {
		found, err := service.LookupPullEndpoints(host)
		described := make([]judge.Endpoint, 0, len(found))
		for _, endpoint := range found {
			described = append(described, judge.Described(endpoint.URL, endpoint.Mirror, endpoint.TLSConfig))
		}
		return described, err
	}
	return judge.Service{Config: service.ServiceConfig(), Endpoints: endpoints}, nil
}
