package regconf

/*
#include <regconf.h>
*/
import "C"

import (
	"bytes"
	"unsafe"
)

// Plan is what is to be done on one node: exact bytes, and what must be activated.
type Plan struct {
	handle *planHandle
}

type planHandle = handle[*C.regconf_plan]

// Change is what becomes of a file.
type Change struct {
	// Path is that of the file.
	Path string
	// Before are the bytes of the file before; nil if it is new. They may hold secrets of the file.
	Before []byte
	// After are the bytes of the file after; nil if it goes. They may hold secrets of the file.
	After []byte
	// Mode are the permission bits of the file if it is new, such as 0o644. A file that is there keeps its own.
	Mode uint32
}

// MakePlan tells what is to be done so that a node with these facts is as the settings say. It reads and writes nothing.
func MakePlan(settings *Settings, facts *Facts) (*Plan, error) {
	var out *C.regconf_plan
	err := settings.own().use(func(s *C.regconf_settings) error {
		return facts.own().use(func(f *C.regconf_facts) error {
			return call(func(failed **C.regconf_error) C.regconf_status {
				return C.regconf_plan_make(s, f, &out, failed)
			})
		})
	})
	if err != nil {
		return nil, err
	}
	return &Plan{newHandle(out, func(p *C.regconf_plan) { C.regconf_plan_free(p) })}, nil
}

// IsEmpty tells whether nothing is to be done: no file to write and no engine to activate.
func (p *Plan) IsEmpty() (empty bool, err error) {
	err = p.own().use(func(plan *C.regconf_plan) error {
		empty = C.regconf_plan_is_empty(plan) != 0
		return nil
	})
	return empty, err
}

// Diff is the changes as a unified diff, without secrets; empty if no file changes.
func (p *Plan) Diff() (string, error) {
	return p.text(func(plan *C.regconf_plan, out **C.char, failed **C.regconf_error) C.regconf_status {
		return C.regconf_plan_diff(plan, out, failed)
	})
}

// MarshalJSON gives the plan without secrets, as it stands in reports.
func (p *Plan) MarshalJSON() ([]byte, error) {
	text, err := p.text(func(plan *C.regconf_plan, out **C.char, failed **C.regconf_error) C.regconf_status {
		return C.regconf_plan_to_json(plan, out, failed)
	})
	return []byte(text), err
}

// Outline tells what the plan does, without secrets.
func (p *Plan) Outline() (*Outline, error) {
	text, err := p.MarshalJSON()
	if err != nil {
		return nil, err
	}
	outline := new(Outline)
	if err := decode(text, outline); err != nil {
		return nil, err
	}
	return outline, nil
}

// Changes are the files that change, in the order in which they are to be written, with copies of their bytes.
func (p *Plan) Changes() (changes []Change, err error) {
	err = p.own().use(func(plan *C.regconf_plan) error {
		for i := range C.regconf_plan_change_count(plan) {
			changes = append(changes, changeAt(plan, i))
		}
		return nil
	})
	return changes, err
}

// Explain tells which file, which hosts in order and which trust each engine uses for an image, before the plan and after
// it. The facts are those that the plan was made from; with others it fails with [ErrStale].
func (p *Plan) Explain(facts *Facts, image string) (*Explanation, error) {
	text, err := p.explain(facts, image, func(
		plan *C.regconf_plan, facts *C.regconf_facts, image *C.char, out **C.char, failed **C.regconf_error,
	) C.regconf_status {
		return C.regconf_plan_explain(plan, facts, image, out, failed)
	})
	if err != nil {
		return nil, err
	}
	explanation := new(Explanation)
	if err := decode([]byte(text), explanation); err != nil {
		return nil, err
	}
	return explanation, nil
}

// ExplainText is the same for people, one line for each engine, as it is after the plan.
func (p *Plan) ExplainText(facts *Facts, image string) (string, error) {
	return p.explain(facts, image, func(
		plan *C.regconf_plan, facts *C.regconf_facts, image *C.char, out **C.char, failed **C.regconf_error,
	) C.regconf_status {
		return C.regconf_plan_explain_text(plan, facts, image, out, failed)
	})
}

// Close frees the plan. It may be called more than once.
func (p *Plan) Close() {
	p.own().close()
}

func (p *Plan) own() *planHandle {
	if p == nil {
		return nil
	}
	return p.handle
}

func (p *Plan) text(f func(*C.regconf_plan, **C.char, **C.regconf_error) C.regconf_status) (text string, err error) {
	err = p.own().use(func(plan *C.regconf_plan) (err error) {
		text, err = takeText(func(out **C.char, failed **C.regconf_error) C.regconf_status { return f(plan, out, failed) })
		return err
	})
	return text, err
}

func (p *Plan) explain(
	facts *Facts,
	image string,
	f func(*C.regconf_plan, *C.regconf_facts, *C.char, **C.char, **C.regconf_error) C.regconf_status,
) (text string, err error) {
	name, err := zeroEnded(image, "image")
	if err != nil {
		return "", err
	}
	err = facts.own().use(func(known *C.regconf_facts) (err error) {
		text, err = p.text(func(plan *C.regconf_plan, out **C.char, failed **C.regconf_error) C.regconf_status {
			return f(plan, known, name, out, failed)
		})
		return err
	})
	return text, err
}

func changeAt(plan *C.regconf_plan, index C.size_t) Change {
	var before, after C.size_t
	from := C.regconf_plan_change_before(plan, index, &before)
	to := C.regconf_plan_change_after(plan, index, &after)
	return Change{
		Path:   C.GoString(C.regconf_plan_change_path(plan, index)),
		Before: copied(from, before),
		After:  copied(to, after),
		Mode:   uint32(C.regconf_plan_change_mode(plan, index)),
	}
}

// copied takes bytes out of the library's memory; nil stays nil, and no bytes stay a slice without bytes.
func copied(data *C.char, length C.size_t) []byte {
	if data == nil {
		return nil
	}
	return bytes.Clone(unsafe.Slice((*byte)(unsafe.Pointer(data)), length))
}
