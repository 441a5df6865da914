package regconf

/*
#include <regconf.h>
*/
import "C"

// Exported is settings in the form of another tool.
type Exported struct {
	// Text is the file.
	Text string
	// Remarks are what that form cannot say.
	Remarks []Remark
}

// Kubespray gives the settings as variables of a current kubespray, in YAML.
func (s *Settings) Kubespray() (Exported, error) {
	return s.exported(func(p *C.regconf_settings, text, remarks **C.char, failed **C.regconf_error) C.regconf_status {
		return C.regconf_settings_to_kubespray(p, text, remarks, failed)
	})
}

// K3s gives the settings as registries.yaml of k3s and RKE2.
func (s *Settings) K3s() (Exported, error) {
	return s.exported(func(p *C.regconf_settings, text, remarks **C.char, failed **C.regconf_error) C.regconf_status {
		return C.regconf_settings_to_k3s(p, text, remarks, failed)
	})
}

func (s *Settings) exported(
	write func(p *C.regconf_settings, text, remarks **C.char, failed **C.regconf_error) C.regconf_status,
) (Exported, error) {
	var text, remarks *C.char
	err := s.own().use(func(p *C.regconf_settings) error {
		return call(func(failed **C.regconf_error) C.regconf_status { return write(p, &text, &remarks, failed) })
	})
	if err != nil {
		return Exported{}, err
	}
	defer C.regconf_string_free(text)
	defer C.regconf_string_free(remarks)
	exported := Exported{Text: C.GoString(text)}
	return exported, decode([]byte(C.GoString(remarks)), &exported.Remarks)
}
