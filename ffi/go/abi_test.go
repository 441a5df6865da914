package regconf

import (
	"strings"
	"testing"
)

func TestAnOlderLibraryIsRefused(t *testing.T) {
	for _, library := range []uint32{3, 4} {
		if err := checkABI(3, library); err != nil {
			t.Errorf("ABI %d has all of ABI 3, but: %v", library, err)
		}
	}
	err := checkABI(3, 2)
	if err == nil || !strings.Contains(err.Error(), "has ABI 2") || !strings.Contains(err.Error(), Version()) {
		t.Errorf("%v does not say what is too old", err)
	}
}
