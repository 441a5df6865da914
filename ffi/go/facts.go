package regconf

/*
#include <regconf.h>
*/
import "C"

// Facts are what was read from a node: existing files, and which engines there are. What is not added is not there.
type Facts struct {
	handle *factsHandle
}

type factsHandle = handle[*C.regconf_facts]

// NewFacts makes facts that know of nothing.
func NewFacts() *Facts {
	return &Facts{newHandle(C.regconf_facts_new(), func(p *C.regconf_facts) { C.regconf_facts_free(p) })}
}

// AddFile adds an existing file by its absolute path on the node; it takes the place of one with the same path. An engine
// is on the node when there is a file below its folder, /etc/containerd or /etc/docker, or when its version is known.
func (f *Facts) AddFile(path string, data []byte) error {
	name, err := zeroEnded(path, "path")
	if err != nil {
		return err
	}
	bytes, length := span(data)
	return f.change(func(p *C.regconf_facts, failed **C.regconf_error) C.regconf_status {
		return C.regconf_facts_add_file(p, name, bytes, length, failed)
	})
}

// AddFolder adds a folder, empty but for what else is known to be in it, by its absolute path on the node. The folders of
// files need not be added.
func (f *Facts) AddFolder(path string) error {
	name, err := zeroEnded(path, "path")
	if err != nil {
		return err
	}
	return f.change(func(p *C.regconf_facts, failed **C.regconf_error) C.regconf_status {
		return C.regconf_facts_add_folder(p, name, failed)
	})
}

// AddAnswer adds what the node answers to a question that is not about a file's bytes. Plans of files need it only where
// the running daemon makes a difference.
func (f *Facts) AddAnswer(query Query, answer Answer) error {
	asked, err := encode(query.json)
	if err != nil {
		return err
	}
	said, err := encode(answer.json)
	if err != nil {
		return err
	}
	queryData, queryLength := span(asked)
	answerData, answerLength := span(said)
	return f.change(func(p *C.regconf_facts, failed **C.regconf_error) C.regconf_status {
		return C.regconf_facts_add_answer(p, queryData, queryLength, answerData, answerLength, failed)
	})
}

// SetVersion says which version of an engine runs there, which also says that it is there.
func (f *Facts) SetVersion(engine, version string) error {
	return f.changeEngine(engine, version, "version", func(
		p *C.regconf_facts, engine, version *C.char, failed **C.regconf_error,
	) C.regconf_status {
		return C.regconf_facts_set_version(p, engine, version, failed)
	})
}

// AssumeVersion says which version an engine has if it is there.
func (f *Facts) AssumeVersion(engine, version string) error {
	return f.changeEngine(engine, version, "version", func(
		p *C.regconf_facts, engine, version *C.char, failed **C.regconf_error,
	) C.regconf_status {
		return C.regconf_facts_assume_version(p, engine, version, failed)
	})
}

// SetEngine restricts what is planned to one engine; an empty text means every one that is there, as at first.
func (f *Facts) SetEngine(engine string) error {
	name, err := zeroEnded(engine, "engine")
	if err != nil {
		return err
	}
	if engine == "" {
		name = nil
	}
	return f.change(func(p *C.regconf_facts, failed **C.regconf_error) C.regconf_status {
		return C.regconf_facts_set_engine(p, name, failed)
	})
}

// SetConfigPath says where an engine has its config.toml or daemon.json, if not where it usually is.
func (f *Facts) SetConfigPath(engine, path string) error {
	return f.changeEngine(engine, path, "path", func(
		p *C.regconf_facts, engine, path *C.char, failed **C.regconf_error,
	) C.regconf_status {
		return C.regconf_facts_set_config_path(p, engine, path, failed)
	})
}

// Close frees the facts. It may be called more than once.
func (f *Facts) Close() {
	f.own().close()
}

func (f *Facts) own() *factsHandle {
	if f == nil {
		return nil
	}
	return f.handle
}

func (f *Facts) change(body func(*C.regconf_facts, **C.regconf_error) C.regconf_status) error {
	return f.own().change(func(p *C.regconf_facts) error {
		return call(func(failed **C.regconf_error) C.regconf_status { return body(p, failed) })
	})
}

func (f *Facts) changeEngine(
	engine, value, key string,
	body func(p *C.regconf_facts, engine, value *C.char, failed **C.regconf_error) C.regconf_status,
) error {
	name, err := zeroEnded(engine, "engine")
	if err != nil {
		return err
	}
	text, err := zeroEnded(value, key)
	if err != nil {
		return err
	}
	return f.change(func(p *C.regconf_facts, failed **C.regconf_error) C.regconf_status {
		return body(p, name, text, failed)
	})
}
