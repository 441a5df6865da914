package regconf

/*
#include <regconf.h>
*/
import "C"

import "fmt"

// ImportOptions say how an inventory is read. The zero value will do.
type ImportOptions struct {
	// Format is the form, such as kubespray; it is guessed if empty. There are lines, json, openssh, kuboard-spray,
	// kubespray, rke, kubekey, k3s and kubeasz.
	Format string `json:"format,omitempty"`
	// Defaults are what every node has that the inventory leaves open, by the keys of a node list: known_hosts, host_keys,
	// identity_files and others.
	Defaults map[string]any `json:"defaults,omitempty"`
	// Variables are values for {{ name }}; they win over variables of the inventory.
	Variables map[string]string `json:"variables,omitempty"`
	// AllHosts takes all hosts, and not only the members of the cluster.
	AllHosts bool `json:"all_hosts,omitempty"`
	// Removed takes nodes that are marked for removal, too.
	Removed bool `json:"removed,omitempty"`
	// Insecure is what that means for a registry of which no protocol is told; [InsecureHTTP] if empty.
	Insecure Insecure `json:"insecure,omitempty"`
}

// RemarkKind is what sort of remark it is. Later versions of the library may have more than there are constants.
type RemarkKind string

// The kinds of remarks.
const (
	// RemarkDecided: the file leaves something open, or says something that no engine can do, and it was decided.
	RemarkDecided RemarkKind = "decided"
	// RemarkIneffective: it has no effect where it stands, and was left out.
	RemarkIneffective RemarkKind = "ineffective"
	// RemarkUnknown: it seems to be about registries or nodes and is not known; it was left out.
	RemarkUnknown RemarkKind = "unknown"
	// RemarkUnresolved: its value stands elsewhere or must be computed, and was left out.
	RemarkUnresolved RemarkKind = "unresolved"
	// RemarkSkipped: a host or an entry that was left out, and why.
	RemarkSkipped RemarkKind = "skipped"
)

// Remark is what was decided or left out, and where it stands. It holds no secret.
type Remark struct {
	// Kind is what sort of remark it is.
	Kind RemarkKind `json:"kind"`
	// Path is the file; empty if none was read.
	Path string `json:"path"`
	// Line is the line, counted from 1; 0 if it is not known.
	Line int `json:"line"`
	// Key is the key, such as mirrors.docker.io.endpoint[0]; empty if it is about none.
	Key string `json:"key"`
	// Text is what there is to say, and what to do.
	Text string `json:"text"`
}

// String is all of it but the kind, as the library writes it: file:line: key: text.
func (r Remark) String() string {
	place := ""
	switch {
	case r.Path != "" && r.Line != 0:
		place = fmt.Sprintf("%s:%d: ", r.Path, r.Line)
	case r.Path != "":
		place = r.Path + ": "
	case r.Line != 0:
		place = fmt.Sprintf("line %d: ", r.Line)
	}
	if r.Key != "" {
		place += r.Key + ": "
	}
	return place + r.Text
}

// Imported is what an inventory has: nodes, and what is wanted of them.
type Imported struct {
	handle *importedHandle
}

type importedHandle = handle[*C.regconf_imported]

func ownImported(pointer *C.regconf_imported) *Imported {
	return &Imported{newHandle(pointer, func(p *C.regconf_imported) { C.regconf_imported_free(p) })}
}

// LoadInventory reads an inventory or the registry settings of another tool from a file: of Kuboard-Spray, kubespray,
// kubeasz, RKE, KubeKey or k3s, an OpenSSH config, plain lines, or JSON of this library. What an inventory has beside it,
// such as group_vars, is read too, and the path may be that of its folder.
func LoadInventory(path string, options ImportOptions) (*Imported, error) {
	name, err := zeroEnded(path, "path")
	if err != nil {
		return nil, err
	}
	return takeImported(options, func(
		data *C.char, length C.size_t, out **C.regconf_imported, failed **C.regconf_error,
	) C.regconf_status {
		return C.regconf_import_load(name, data, length, out, failed)
	})
}

// ParseInventory reads a text in one of the same forms. What it says of other files is a remark.
func ParseInventory(text []byte, options ImportOptions) (*Imported, error) {
	source, sourceLength := span(text)
	return takeImported(options, func(
		data *C.char, length C.size_t, out **C.regconf_imported, failed **C.regconf_error,
	) C.regconf_status {
		return C.regconf_import_parse(source, sourceLength, data, length, out, failed)
	})
}

func takeImported(
	options ImportOptions,
	read func(*C.char, C.size_t, **C.regconf_imported, **C.regconf_error) C.regconf_status,
) (*Imported, error) {
	text, err := encode(options)
	if err != nil {
		return nil, err
	}
	data, length := span(text)
	var out *C.regconf_imported
	err = call(func(failed **C.regconf_error) C.regconf_status { return read(data, length, &out, failed) })
	if err != nil {
		return nil, err
	}
	return ownImported(out), nil
}

// Format is the form that was read, such as kuboard-spray; empty after Close.
func (i *Imported) Format() string {
	format := ""
	// Closed is as good as empty here.
	_ = i.own().use(func(p *C.regconf_imported) error {
		format = C.GoString(C.regconf_imported_format(p))
		return nil
	})
	return format
}

// Nodes gives a copy of the nodes; a list without nodes if the form has only registries.
func (i *Imported) Nodes() (*Nodes, error) {
	var out *C.regconf_nodes
	err := i.call(func(p *C.regconf_imported, failed **C.regconf_error) C.regconf_status {
		return C.regconf_imported_nodes(p, &out, failed)
	})
	if err != nil {
		return nil, err
	}
	return ownNodes(out), nil
}

// Settings gives a copy of what is wanted of every node. What one node has of its own is with the node.
func (i *Imported) Settings() (*Settings, error) {
	var out *C.regconf_settings
	err := i.call(func(p *C.regconf_imported, failed **C.regconf_error) C.regconf_status {
		return C.regconf_imported_settings(p, &out, failed)
	})
	if err != nil {
		return nil, err
	}
	return ownSettings(out), nil
}

// Remarks are what was decided and what was left out, in the order of the files.
func (i *Imported) Remarks() ([]Remark, error) {
	var remarks []Remark
	err := i.own().use(func(p *C.regconf_imported) error {
		return takeJSON(&remarks, func(out **C.char, failed **C.regconf_error) C.regconf_status {
			return C.regconf_imported_remarks(p, out, failed)
		})
	})
	return remarks, err
}

// MarshalJSON gives an object with format, nodes (a list that [ParseNodes] reads), settings (which [ParseSettings] reads)
// and remarks. Secrets are in it.
func (i *Imported) MarshalJSON() ([]byte, error) {
	text := ""
	err := i.own().use(func(p *C.regconf_imported) (err error) {
		text, err = takeText(func(out **C.char, failed **C.regconf_error) C.regconf_status {
			return C.regconf_imported_to_json(p, out, failed)
		})
		return err
	})
	return []byte(text), err
}

// Close frees what was imported. It may be called more than once; nodes and settings that were taken from it stay.
func (i *Imported) Close() {
	i.own().close()
}

func (i *Imported) own() *importedHandle {
	if i == nil {
		return nil
	}
	return i.handle
}

func (i *Imported) call(f func(*C.regconf_imported, **C.regconf_error) C.regconf_status) error {
	return i.own().use(func(p *C.regconf_imported) error {
		return call(func(failed **C.regconf_error) C.regconf_status { return f(p, failed) })
	})
}
