// SPDX-License-Identifier: MIT OR Apache-2.0

// Command v2 tells the hosts that containerd 2.x would ask for the images of
// a registry.
package main

import (
	"context"

	"github.com/containerd/containerd/v2/core/remotes/docker/config"
	"github.com/containerd/errdefs"

	judge "regconf.test/judges/containerd"
)

func main() {
	judge.Main(hosts, config.HostDirFromRoot, errdefs.IsNotFound)
}

func hosts(find judge.FindDir, registry string) ([]judge.Host, error) {
	resolve := config.ConfigureHosts(context.Background(), config.HostOptions{HostDir: find})
	found, err := resolve(registry)
	described := make([]judge.Host, 0, len(found))
	for _, h := range found {
		described = append(described,
			judge.Described(h.Scheme, h.Host, h.Path, uint8(h.Capabilities), h.Header, h.Client))
	}
	return described, err
}
