package regconf

/*
#include <regconf.h>
*/
import "C"

import (
	"bytes"
	"encoding/json"
	"strings"
	"unsafe"
)

// span is a view of Go bytes for the length of a call: they hold no pointers, so C may read them where they are.
func span(data []byte) (*C.char, C.size_t) {
	return (*C.char)(unsafe.Pointer(unsafe.SliceData(data))), C.size_t(len(data))
}

// zeroEnded is a text that ends with a NUL byte, in memory of Go. C would read one with a NUL byte inside as a shorter one.
func zeroEnded(text, name string) (*C.char, error) {
	if strings.ContainsRune(text, 0) {
		err := newError(ErrInvalidArgument, "has a NUL byte in it")
		err.Key = name
		return nil, err
	}
	pointer, _ := span(append([]byte(text), 0))
	return pointer, nil
}

// takeText takes over a text that a call gives.
func takeText(f func(out **C.char, failed **C.regconf_error) C.regconf_status) (string, error) {
	var out *C.char
	err := call(func(failed **C.regconf_error) C.regconf_status { return f(&out, failed) })
	if err != nil {
		return "", err
	}
	defer C.regconf_string_free(out)
	return C.GoString(out), nil
}

// takeJSON reads what a call gives as JSON into a value.
func takeJSON(into any, f func(out **C.char, failed **C.regconf_error) C.regconf_status) error {
	text, err := takeText(f)
	if err != nil {
		return err
	}
	return decode([]byte(text), into)
}

// decode reads JSON of the library.
func decode(text []byte, into any) error {
	if err := json.Unmarshal(text, into); err != nil {
		return newError(ErrInternal, "the library's JSON is not understood: "+err.Error())
	}
	return nil
}

// encode writes JSON for the library. What is not UTF-8 is refused: encoding/json would put other characters in its place.
func encode(value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, newError(ErrInvalidArgument, err.Error())
	}
	if bytes.Contains(text, []byte(`\ufffd`)) {
		return nil, newError(ErrInvalidArgument, "has a text that is not UTF-8")
	}
	return text, nil
}
