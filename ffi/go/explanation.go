package regconf

import "encoding/json"

// Explanation is where the engines of a node look for an image, before a plan is applied and after.
type Explanation struct {
	// Image is the image, made whole.
	Image string `json:"image"`
	// Engines has an entry for each engine on the node.
	Engines []EngineExplanation `json:"engines"`
}

// EngineExplanation is where one engine looks for an image.
type EngineExplanation struct {
	// Engine is the engine, such as containerd.
	Engine string `json:"engine"`
	// Before is as the node is.
	Before Resolution `json:"before"`
	// After is as the node is once the plan is applied.
	After Resolution `json:"after"`
}

// Resolution is what an engine makes of its files for one registry host.
type Resolution struct {
	// File is the file or folder that decides; empty where the engine's defaults do.
	File string `json:"file"`
	// Hosts are those that are asked, in their order; none where the engine asks none, or it is not known.
	Hosts []ResolvedHost `json:"hosts"`
	// Notes are what there is to know, such as a file that is ignored.
	Notes []string `json:"notes"`
}

// ResolvedHost is an address that an engine asks, and how.
type ResolvedHost struct {
	// URL is what stands before /<repository>/manifests/…, such as https://mirror.lab/v2.
	URL string `json:"url"`
	// Capabilities are what the host may be asked for.
	Capabilities []Capability `json:"capabilities"`
	// Trust is how the host proves who it is.
	Trust HostTrust `json:"trust"`
	// HTTPFallback is whether plain http is tried when https fails in a way that tells of it.
	HTTPFallback bool `json:"http_fallback"`
	// ClientCertificates are the files of client certificates.
	ClientCertificates []string `json:"client_certificates"`
	// Headers are the names of the headers sent along.
	Headers []string `json:"headers"`
	// IsFallback is whether it is what an engine asks when all that is listed fails.
	IsFallback bool `json:"is_fallback"`
}

// HostTrust is how a host proves who it is to an engine.
type HostTrust struct {
	// Kind is system, ca_files, skip_verify or plain_http.
	Kind string
	// CAFiles are the files with certificates, if the kind is ca_files.
	CAFiles []string
}

// UnmarshalJSON reads "system" or {"ca_files": [path, …]}.
func (t *HostTrust) UnmarshalJSON(text []byte) error {
	*t = HostTrust{}
	if json.Unmarshal(text, &t.Kind) == nil {
		return nil
	}
	var files struct {
		CAFiles []string `json:"ca_files"`
	}
	if err := json.Unmarshal(text, &files); err != nil {
		return err
	}
	*t = HostTrust{Kind: "ca_files", CAFiles: files.CAFiles}
	return nil
}
