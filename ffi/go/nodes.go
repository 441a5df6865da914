package regconf

/*
#include <regconf.h>
*/
import "C"

import "fmt"

// AllNodes stands for every node of a list where an index is asked for.
const AllNodes = -1

// Nodes is a list of nodes: who to reach, and how.
type Nodes struct {
	handle *nodesHandle
}

type nodesHandle = handle[*C.regconf_nodes]

func ownNodes(pointer *C.regconf_nodes) *Nodes {
	return &Nodes{newHandle(pointer, func(p *C.regconf_nodes) { C.regconf_nodes_free(p) })}
}

// NewNodes makes a list without nodes.
func NewNodes() *Nodes {
	return ownNodes(C.regconf_nodes_new())
}

// ParseNodes reads a node list: one [user@]host[:port] a line with # comments, or JSON. Secrets in it must stand there as
// text; names of files are taken from the folder that the program runs in.
func ParseNodes(list []byte) (*Nodes, error) {
	var out *C.regconf_nodes
	data, length := span(list)
	err := call(func(failed **C.regconf_error) C.regconf_status {
		return C.regconf_nodes_parse(data, length, &out, failed)
	})
	if err != nil {
		return nil, err
	}
	return ownNodes(out), nil
}

// LoadNodes reads a node list from a file. Secrets may stand in variables of the environment and in files; names of files
// are taken from the list's folder.
func LoadNodes(path string) (*Nodes, error) {
	name, err := zeroEnded(path, "path")
	if err != nil {
		return nil, err
	}
	var out *C.regconf_nodes
	err = call(func(failed **C.regconf_error) C.regconf_status { return C.regconf_nodes_load(name, &out, failed) })
	if err != nil {
		return nil, err
	}
	return ownNodes(out), nil
}

// AddLocal adds this machine (/), or a folder on it that holds a system, in which files are merged and nothing is
// activated.
func (n *Nodes) AddLocal(root string) error {
	name, err := zeroEnded(root, "root")
	if err != nil {
		return err
	}
	return n.change(func(p *C.regconf_nodes, failed **C.regconf_error) C.regconf_status {
		return C.regconf_nodes_add_local(p, name, failed)
	})
}

// Append adds copies of the nodes of another list.
func (n *Nodes) Append(others *Nodes) error {
	return others.own().use(func(from *C.regconf_nodes) error {
		return n.change(func(to *C.regconf_nodes, failed **C.regconf_error) C.regconf_status {
			return C.regconf_nodes_append(to, from, failed)
		})
	})
}

// SetPassword says the password for the login of a node, counted from 0, or of [AllNodes]. The list keeps a copy out of
// everything shown and wipes it when it is freed; the caller may wipe theirs.
func (n *Nodes) SetPassword(index int, password []byte) error {
	at, err := nodeIndex(index)
	if err != nil {
		return err
	}
	data, length := span(password)
	return n.change(func(p *C.regconf_nodes, failed **C.regconf_error) C.regconf_status {
		return C.regconf_nodes_set_password(p, at, data, length, failed)
	})
}

// SetBecomePassword says the password for becoming root by sudo, in the same way.
func (n *Nodes) SetBecomePassword(index int, password []byte) error {
	at, err := nodeIndex(index)
	if err != nil {
		return err
	}
	data, length := span(password)
	return n.change(func(p *C.regconf_nodes, failed **C.regconf_error) C.regconf_status {
		return C.regconf_nodes_set_become_password(p, at, data, length, failed)
	})
}

// Len is how many nodes there are; 0 after Close.
func (n *Nodes) Len() int {
	count := 0
	// Closed is as good as empty here.
	_ = n.own().use(func(p *C.regconf_nodes) error {
		count = int(C.regconf_nodes_count(p))
		return nil
	})
	return count
}

// Name is that of a node, counted from 0.
func (n *Nodes) Name(index int) (string, error) {
	return n.text(index, func(p *C.regconf_nodes, at C.size_t) *C.char { return C.regconf_nodes_name(p, at) })
}

// Place is where a node is, such as 10.0.0.11:22; nodes are counted from 0.
func (n *Nodes) Place(index int) (string, error) {
	return n.text(index, func(p *C.regconf_nodes, at C.size_t) *C.char { return C.regconf_nodes_place(p, at) })
}

// Warnings are what was not understood in an OpenSSH config that the list names; none after Close.
func (n *Nodes) Warnings() []string {
	var warnings []string
	// Closed is as good as empty here.
	_ = n.own().use(func(p *C.regconf_nodes) error {
		for i := range C.regconf_nodes_warning_count(p) {
			warnings = append(warnings, C.GoString(C.regconf_nodes_warning(p, i)))
		}
		return nil
	})
	return warnings
}

// MarshalJSON gives the JSON that [ParseNodes] reads as the same nodes. Secrets are in it: passwords, passphrases and keys.
func (n *Nodes) MarshalJSON() ([]byte, error) {
	text := ""
	err := n.own().use(func(p *C.regconf_nodes) (err error) {
		text, err = takeText(func(out **C.char, failed **C.regconf_error) C.regconf_status {
			return C.regconf_nodes_to_json(p, out, failed)
		})
		return err
	})
	return []byte(text), err
}

// Close frees the list. It may be called more than once.
func (n *Nodes) Close() {
	n.own().close()
}

func (n *Nodes) own() *nodesHandle {
	if n == nil {
		return nil
	}
	return n.handle
}

func (n *Nodes) change(f func(*C.regconf_nodes, **C.regconf_error) C.regconf_status) error {
	return n.own().change(func(p *C.regconf_nodes) error {
		return call(func(failed **C.regconf_error) C.regconf_status { return f(p, failed) })
	})
}

func (n *Nodes) text(index int, f func(*C.regconf_nodes, C.size_t) *C.char) (text string, err error) {
	err = n.own().use(func(p *C.regconf_nodes) error {
		if index < 0 || index >= int(C.regconf_nodes_count(p)) {
			return noSuchNode(index)
		}
		text = C.GoString(f(p, C.size_t(index)))
		return nil
	})
	return text, err
}

// nodeIndex is that of a node as C counts.
func nodeIndex(index int) (C.size_t, error) {
	switch {
	case index == AllNodes:
		return C.REGCONF_ALL_NODES, nil
	case index < 0:
		return 0, noSuchNode(index)
	default:
		return C.size_t(index), nil
	}
}

func noSuchNode(index int) error {
	err := newError(ErrInvalidArgument, fmt.Sprintf("is %d, and there is no such node", index))
	err.Key = "index"
	return err
}
