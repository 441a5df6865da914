// SPDX-License-Identifier: MIT OR Apache-2.0

// Package containerd describes the hosts that containerd would ask for the
// images of a registry, as its own packages resolve them.
package containerd

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/sirupsen/logrus"

	"regconf.test/judges/lines"
)

// Question asks for the hosts of one registry.
type Question struct {
	// Roots are the folders of config_path.
	Roots []string `json:"roots"`
	// Registry is the host as it stands in an image's name.
	Registry string `json:"registry"`
}

// Reply has the hosts in the order in which they are asked.
type Reply struct {
	Hosts []Host `json:"hosts"`
	// Log is what containerd would have logged, such as a file it ignores.
	Log string `json:"log"`
}

// Host is one address and how it is trusted.
type Host struct {
	Scheme       string   `json:"scheme"`
	Host         string   `json:"host"`
	Path         string   `json:"path"`
	Capabilities []string `json:"capabilities"`
	// Fallback says that https is tried first although the address is http.
	// The TLS settings below are not known then.
	Fallback   bool `json:"fallback"`
	SkipVerify bool `json:"skip_verify"`
	// Authorities are the names of the CAs beside the system's.
	Authorities []string `json:"authorities"`
	// Clients is the number of client certificates.
	Clients int `json:"clients"`
	// Headers are the names of the headers sent with every request.
	Headers []string `json:"headers"`
}

// FindDir finds the folder of a registry below one root.
type FindDir func(registry string) (string, error)

// Main answers questions on standard input. ResolveIn gives the hosts of a
// registry, whose folder the function that it is handed finds; rootOf makes
// such a function for one root; isNotFound knows the error of a root without
// the folder.
func Main(
	resolveIn func(dir FindDir, registry string) ([]Host, error),
	rootOf func(root string) func(string) (string, error),
	isNotFound func(error) bool,
) {
	lines.Answer(func(question Question) (Reply, error) {
		var log bytes.Buffer
		logrus.SetOutput(&log)
		logrus.SetLevel(logrus.InfoLevel)
		find := func(registry string) (string, error) {
			return firstDir(question.Roots, registry, rootOf, isNotFound)
		}
		hosts, err := resolveIn(find, question.Registry)
		return Reply{hosts, log.String()}, err
	})
}

// firstDir is what CRI does with the folders of config_path
// (hostDirFromRoots of containerd, which is internal there).
func firstDir(
	roots []string,
	registry string,
	rootOf func(root string) func(string) (string, error),
	isNotFound func(error) bool,
) (dir string, err error) {
	for _, root := range roots {
		dir, err = rootOf(root)(registry)
		if (err != nil && !isNotFound(err)) || dir != "" {
			break
		}
	}
	return dir, err
}

// Described is a host of docker.RegistryHost's fields.
func Described(scheme, host, path string, capabilities uint8, header http.Header, client *http.Client) Host {
	described := Host{
		Scheme:       scheme,
		Host:         host,
		Path:         path,
		Capabilities: names(capabilities),
		Authorities:  []string{},
		Headers:      []string{},
	}
	for name := range header {
		described.Headers = append(described.Headers, name)
	}
	slices.Sort(described.Headers)
	switch transport := client.Transport.(type) {
	case *http.Transport:
		describeTLS(&described, transport.TLSClientConfig)
	default:
		described.Fallback = strings.Contains(strings.ToLower(fmt.Sprintf("%T", transport)), "fallback")
	}
	return described
}

func describeTLS(host *Host, config *tls.Config) {
	if config == nil {
		return
	}
	host.SkipVerify = config.InsecureSkipVerify
	host.Clients = len(config.Certificates)
	if config.RootCAs == nil {
		return
	}
	//nolint:staticcheck // The system's own were hidden.
	for _, subject := range config.RootCAs.Subjects() {
		host.Authorities = append(host.Authorities, fmt.Sprintf("%x", subject))
	}
}

// names are those of hosts.toml; the bits are the same in all releases.
func names(capabilities uint8) []string {
	found := []string{}
	for bit, name := range []string{"pull", "resolve", "push", "referrers"} {
		if capabilities&(1<<bit) != 0 {
			found = append(found, name)
		}
	}
	return found
}
