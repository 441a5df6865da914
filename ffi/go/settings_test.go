package regconf

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const pem = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n"

// full is a registry with all that there is but a CA, and the JSON that means the same.
func full() (Registry, string) {
	no := false
	return Registry{
			Host: "my-registry.com", Fallback: &no, Engines: []string{Containerd},
			Endpoints: []Endpoint{
				{
					URL: "https://a.lab/v2/x", SkipVerify: true, OverridePath: true,
					Headers:      Headers{"X-Secret": {"one", "two"}},
					Capabilities: []Capability{CapabilityPull, CapabilityResolve},
				},
				{URL: "http://b.lab"},
			},
		}, `{"ensure":[{"host":"my-registry.com","fallback":false,"engines":["containerd"],"endpoints":[
		{"url":"https://a.lab/v2/x","skip_verify":true,"override_path":true,
		 "headers":{"X-Secret":["one","two"]},"capabilities":["pull","resolve"]},
		{"url":"http://b.lab"}]}],
		"remove":["old.lan",{"host":"docker.io","endpoints":["https://mirror.lab"],"engines":["docker"]}],
		"migrate":true,"enable_cri":true}`
}

func TestStructsAndJSONAreTheSameSettings(t *testing.T) {
	registry, text := full()
	built := NewSettings()
	defer built.Close()
	check(t, built.Ensure(registry))
	check(t, built.Remove(Removal{Host: "old.lan"}))
	check(t, built.Remove(Removal{Host: "docker.io", Endpoints: []string{"https://mirror.lab"}, Engines: []string{Docker}}))
	check(t, built.Migrate())
	check(t, built.EnableCRI())
	parsed := must(ParseSettings([]byte(text)))(t)
	defer parsed.Close()
	written := must(ParseSettings(must(json.Marshal(built))(t)))(t)
	defer written.Close()
	if !built.Equal(parsed) || !built.Equal(written) || built.Equal(wanted(t)) {
		t.Errorf("%s is not %s", must(json.Marshal(built))(t), must(json.Marshal(parsed))(t))
	}
	if must(built.Fingerprint())(t) != must(parsed.Fingerprint())(t) {
		t.Error("the fingerprints differ")
	}
}

func TestAnOverlayWins(t *testing.T) {
	over := NewSettings()
	defer over.Close()
	check(t, over.Ensure(Registry{Host: "my-registry.com", Insecure: InsecureSkipVerify}))
	both := must(wanted(t).Overlay(over))(t)
	defer both.Close()
	if !both.Equal(over) {
		t.Error(string(must(json.Marshal(both))(t)))
	}
}

func TestBadRegistriesLeaveTheSettingsAlone(t *testing.T) {
	settings := wanted(t)
	before := must(settings.Fingerprint())(t)
	for name, registry := range map[string]Registry{
		"scheme":   {Host: "a.b", Endpoints: []Endpoint{{URL: "ftp://a.b"}}},
		"http CA":  {Host: "a.b", Endpoints: []Endpoint{{URL: "http://a.b", CA: pem}}},
		"no PEM":   {Host: "a.b", Endpoints: []Endpoint{{URL: "https://a.b", Client: &Client{Certificate: "x", Key: "y"}}}},
		"no UTF-8": {Host: "a.b", Endpoints: []Endpoint{{URL: "https://a.b", Headers: Headers{"X": {"\xff"}}}}},
		"both":     {Host: "a.b", Insecure: InsecureHTTP, Endpoints: []Endpoint{{URL: "https://a.b"}}},
	} {
		if err := settings.Ensure(registry); !isKind(err, ErrInvalidArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if must(settings.Fingerprint())(t) != before {
		t.Error("they have changed")
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	header := http.Header{}
	header.Add("X-Secret", "opensesame")
	endpoint := Endpoint{Headers: Headers(header), Client: &Client{Key: "opensesame"}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		shown := fmt.Sprintf(verb+verb+verb+verb, endpoint, endpoint.Headers, endpoint.Client, *endpoint.Client)
		if strings.Contains(shown, "opensesame") || !strings.Contains(shown, "X-Secret") {
			t.Errorf("%s: %s", verb, shown)
		}
	}
}

func TestLookingUp(t *testing.T) {
	image := must(ParseImage("nginx"))(t)
	if image != (Image{Host: "docker.io", Repository: "library/nginx", Tag: "latest"}) {
		t.Errorf("%+v", image)
	}
	if host := must(ParseHost("my-registry.com:5000"))(t); host != "my-registry.com:5000" {
		t.Error(host)
	}
	advice := must(Advise("http: server gave HTTP response to HTTPS client"))(t)
	if !strings.Contains(advice.Cause, "plain http") || advice.Remedy == "" {
		t.Errorf("%+v", advice)
	}
	if _, err := ParseHost("a.b\x00c"); !isKind(err, ErrInvalidArgument) {
		t.Error(err)
	}
	if _, err := ParseImage("http://a.b/c"); !isKind(err, ErrInvalidArgument) {
		t.Error(err)
	}
}
