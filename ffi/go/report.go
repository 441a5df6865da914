package regconf

/*
#include <regconf.h>
*/
import "C"

import (
	"errors"
	"slices"
)

// Report is what happened on each node, in the order of the list. It holds no secret.
type Report struct {
	// Nodes has an entry for each node.
	Nodes []NodeReport
	// Groups are nodes that had the same end: the same outcome, the same changes, the same error.
	Groups []Group
	// Stopped is why some nodes were not begun; nil if all were.
	Stopped error

	failed int
	check  error
	text   string
	json   []byte
}

// Group is nodes that had the same end.
type Group struct {
	// Outcome is how they ended.
	Outcome Outcome
	// Nodes are their names.
	Nodes []string
}

// Check tells whether all went well: nil if no node failed, none was left out and at least one is as wanted; otherwise an
// error that counts and names, of the kind of the first failure.
func (r *Report) Check() error {
	return r.check
}

// Failed is how many nodes did not end well.
func (r *Report) Failed() int {
	return r.failed
}

// String is the report for people: nodes with the same end stand together, each with what changed or why it failed.
func (r *Report) String() string {
	return r.text
}

// MarshalJSON gives the report as schema/report.schema.json describes it.
func (r *Report) MarshalJSON() ([]byte, error) {
	return slices.Clone(r.json), nil
}

// takeReport copies a report out of the library and frees it.
func takeReport(from *C.regconf_report) (*Report, error) {
	defer C.regconf_report_free(from)
	json, err := takeText(func(out **C.char, failed **C.regconf_error) C.regconf_status {
		return C.regconf_report_to_json(from, out, failed)
	})
	if err != nil {
		return nil, err
	}
	text, err := takeText(func(out **C.char, failed **C.regconf_error) C.regconf_status {
		return C.regconf_report_text(from, out, failed)
	})
	if err != nil {
		return nil, err
	}
	check := call(func(failed **C.regconf_error) C.regconf_status { return C.regconf_report_check(from, failed) })
	report := &Report{failed: int(C.regconf_report_failed(from)), check: check, text: text, json: []byte(json)}
	if err := report.read(); err != nil {
		return nil, err
	}
	return report, nil
}

func (r *Report) read() error {
	var raw struct {
		Nodes   []NodeReport
		Groups  []Group
		Stopped *Error
	}
	if err := decode(r.json, &raw); err != nil {
		return err
	}
	r.Nodes, r.Groups = raw.Nodes, raw.Groups
	if raw.Stopped != nil {
		r.Stopped = raw.Stopped
	}
	return nil
}

// cancelled is why nodes were left out, if the caller has said so.
func (r *Report) cancelled() error {
	if errors.Is(r.Stopped, ErrCancelled) {
		return r.Stopped
	}
	for _, node := range r.Nodes {
		if errors.Is(node.Err, ErrCancelled) {
			return node.Err
		}
	}
	return nil
}
