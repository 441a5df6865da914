package regconf

import (
	"fmt"
	"maps"
	"slices"
)

// The engines that are known.
const (
	Containerd = "containerd"
	Docker     = "docker"
)

// Registry is one that shall be set up.
type Registry struct {
	// Host is what stands before the first / of an image reference: host, host:port, [IPv6]:port; docker.io; _default
	// (containerd) or a CIDR block (docker).
	Host string `json:"host"`
	// Endpoints are where the content is, in the order tried.
	Endpoints []Endpoint `json:"endpoints,omitempty"`
	// Insecure stands in place of endpoints: the host itself.
	Insecure Insecure `json:"insecure,omitempty"`
	// Fallback is whether the host's own address may be tried last; nil means for docker.io and _default only.
	Fallback *bool `json:"fallback,omitempty"`
	// Engines are those to set up; none means every one that is found on the node.
	Engines []string `json:"engines,omitempty"`
}

// Insecure is how a host itself is reached without a certificate that the node trusts.
type Insecure string

// The ways to be insecure.
const (
	// InsecureHTTP is plain http.
	InsecureHTTP Insecure = "http"
	// InsecureSkipVerify is https with any certificate.
	InsecureSkipVerify Insecure = "skip_verify"
)

// Endpoint is where a registry's content is.
type Endpoint struct {
	// URL is http://… or https://….
	URL string `json:"url"`
	// SkipVerify takes any certificate; https only.
	SkipVerify bool `json:"skip_verify,omitempty"`
	// CA is the PEM text of the certificates that the endpoint's own is checked with; https only.
	CA string `json:"ca,omitempty"`
	// Client is shown to an endpoint that asks for a certificate; https only.
	Client *Client `json:"client,omitempty"`
	// Headers are sent with every request.
	Headers Headers `json:"headers,omitempty"`
	// OverridePath uses the path of the URL as it is, without /v2.
	OverridePath bool `json:"override_path,omitempty"`
	// Capabilities are what the endpoint may be asked for; none means pull and resolve.
	Capabilities []Capability `json:"capabilities,omitempty"`
}

// Client is a certificate with its key.
type Client struct {
	// Certificate has PEM certificates.
	Certificate string `json:"certificate"`
	// Key is a PEM private key. A secret.
	Key string `json:"key"`
}

// String leaves the key out.
func (c Client) String() string {
	return "client certificate"
}

// GoString leaves the key out.
func (c Client) GoString() string {
	return "regconf.Client{…}"
}

// Headers are names with their values, which are secrets. An [net/http.Header] can be converted to it.
type Headers map[string][]string

// String leaves the values out.
func (h Headers) String() string {
	return fmt.Sprint(slices.Sorted(maps.Keys(h)))
}

// GoString leaves the values out.
func (h Headers) GoString() string {
	return fmt.Sprintf("regconf.Headers%v", h)
}

// Capability is something that an endpoint may be asked for.
type Capability string

// The capabilities that containerd knows.
const (
	CapabilityPull      Capability = "pull"
	CapabilityResolve   Capability = "resolve"
	CapabilityPush      Capability = "push"
	CapabilityReferrers Capability = "referrers"
)

// Removal is a registry that shall be taken out.
type Removal struct {
	// Host is that of the registry.
	Host string `json:"host"`
	// Endpoints are those to take out, whoever wrote them.
	Endpoints []string `json:"endpoints,omitempty"`
	// Engines are those to take it out of; none means every one that is found on the node.
	Engines []string `json:"engines,omitempty"`
}
