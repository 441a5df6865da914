package regconf

/*
#include <regconf.h>
*/
import "C"

import (
	"fmt"
	"strings"
)

// Kind is what sort of error it is. It is an error itself, so that errors.Is(err, ErrHostKey) tells. Later versions of
// the library may have more kinds than there are constants.
type Kind string

// The kinds of errors.
const (
	// ErrInvalidArgument: an argument or a setting has a value that it may not have.
	ErrInvalidArgument Kind = "invalid_argument"
	// ErrParse: a file or an answer is not what its format demands.
	ErrParse Kind = "parse"
	// ErrConflict: two settings, or a setting and an existing file, exclude each other.
	ErrConflict Kind = "conflict"
	// ErrUnsupported: the engine, its version or the library cannot do what was asked.
	ErrUnsupported Kind = "unsupported"
	// ErrConnect: the node cannot be reached.
	ErrConnect Kind = "connect"
	// ErrHostKey: the host key is unknown, changed or revoked.
	ErrHostKey Kind = "host_key"
	// ErrAuthentication: the node accepted none of the credentials.
	ErrAuthentication Kind = "authentication"
	// ErrPrivilege: logged in, but not allowed to become root.
	ErrPrivilege Kind = "privilege"
	// ErrCommand: the node's shell did not do what the script said.
	ErrCommand Kind = "command"
	// ErrStale: a file changed after the plan was made from it; nothing was written.
	ErrStale Kind = "stale"
	// ErrActivation: an engine could not be reloaded or restarted.
	ErrActivation Kind = "activation"
	// ErrVerification: the engine runs, but the new setting is not in force.
	ErrVerification Kind = "verification"
	// ErrTimeout: a deadline has passed.
	ErrTimeout Kind = "timeout"
	// ErrCancelled: the caller cancelled, or a limit that they set has stopped the rollout.
	ErrCancelled Kind = "cancelled"
	// ErrIO: reading or writing failed.
	ErrIO Kind = "io"
	// ErrInternal: a fault of the library.
	ErrInternal Kind = "internal"
)

// Error names the kind in words.
func (k Kind) Error() string {
	return "regconf: " + strings.ReplaceAll(string(k), "_", " ")
}

// Error is what went wrong, where, and what to do about it. It holds no secret.
type Error struct {
	// Kind is what sort of error it is.
	Kind Kind
	// Message is what was wrong, without place and hint.
	Message string
	// Context is what was being done, the outermost first.
	Context []string
	// Path is the file; empty if it is about none.
	Path string
	// Line is the line in that file or text, counted from 1; 0 if it is about none.
	Line int
	// Key is the key of a setting or of a file, such as ensure[0].endpoints[1].url; empty if it is about none.
	Key string
	// Hint is what to do; empty if there is no advice.
	Hint string
}

// Error is all of it as one text, as the library writes it: context: file:line: key: message; hint.
func (e *Error) Error() string {
	text := e.prefix() + e.Message
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// Unwrap gives the kind.
func (e *Error) Unwrap() error {
	return e.Kind
}

// UnmarshalJSON reads an error as it stands in reports, where the message is the whole text.
func (e *Error) UnmarshalJSON(text []byte) error {
	type plain Error
	var raw plain
	if err := decode(text, &raw); err != nil {
		return err
	}
	*e = Error(raw)
	e.Message = strings.TrimPrefix(e.Message, e.prefix())
	if e.Hint != "" {
		e.Message = strings.TrimSuffix(e.Message, "; "+e.Hint)
	}
	return nil
}

func (e *Error) prefix() string {
	var parts []string
	parts = append(parts, e.Context...)
	switch {
	case e.Path != "" && e.Line != 0:
		parts = append(parts, fmt.Sprintf("%s:%d", e.Path, e.Line))
	case e.Path != "":
		parts = append(parts, e.Path)
	case e.Line != 0:
		parts = append(parts, fmt.Sprintf("line %d", e.Line))
	}
	if e.Key != "" {
		parts = append(parts, e.Key)
	}
	return strings.Join(append(parts, ""), ": ")
}

func newError(kind Kind, message string) *Error {
	return &Error{Kind: kind, Message: message}
}

// call runs a function of the library and takes over the error that it gives.
func call(f func(failed **C.regconf_error) C.regconf_status) error {
	var failed *C.regconf_error
	status := f(&failed)
	if status == C.REGCONF_OK {
		return nil
	}
	defer C.regconf_error_free(failed)
	var text *C.char
	if C.regconf_error_to_json(failed, &text, nil) != C.REGCONF_OK {
		return newError(Kind(C.GoString(C.regconf_status_name(C.int(status)))), "the library does not say more")
	}
	defer C.regconf_string_free(text)
	known := new(Error)
	if err := decode([]byte(C.GoString(text)), known); err != nil {
		return err
	}
	return known
}
