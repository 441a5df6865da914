package regconf

/*
#cgo pkg-config: regconf
#include <regconf.h>
*/
import "C"

import "fmt"

// An older library may miss functions. Where symbols are bound late, the process would end at the first call of one, in
// the middle of a push; nothing has happened yet when it ends here. A program can do nothing about it, so it is a panic.
func init() {
	if err := checkABI(C.REGCONF_ABI_VERSION, uint32(C.regconf_abi_version())); err != nil {
		panic(err)
	}
}

// checkABI tells whether a library has all that is in the header that this package was built with.
func checkABI(header, library uint32) error {
	if library >= header {
		return nil
	}
	return fmt.Errorf("regconf: libregconf %s has ABI %d, and the program was built with ABI %d; install a newer libregconf",
		Version(), library, header)
}

// Version is that of the library which is loaded, such as 0.1.0.
func Version() string {
	return C.GoString(C.regconf_version())
}
