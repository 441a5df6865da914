package regconf

/*
#include <regconf.h>
*/
import "C"

// Settings are what is wanted: registries to ensure and registries to remove.
type Settings struct {
	handle *settingsHandle
}

type settingsHandle = handle[*C.regconf_settings]

func ownSettings(pointer *C.regconf_settings) *Settings {
	return &Settings{newHandle(pointer, func(p *C.regconf_settings) { C.regconf_settings_free(p) })}
}

// NewSettings makes settings that want nothing.
func NewSettings() *Settings {
	return ownSettings(C.regconf_settings_new())
}

// ParseSettings reads settings from JSON: {"ensure": [registry, …], "remove": [host, …]}. Unknown keys and
// contradictions are errors.
func ParseSettings(text []byte) (*Settings, error) {
	var out *C.regconf_settings
	data, length := span(text)
	err := call(func(failed **C.regconf_error) C.regconf_status {
		return C.regconf_settings_parse(data, length, &out, failed)
	})
	if err != nil {
		return nil, err
	}
	return ownSettings(out), nil
}

// Ensure adds a registry that shall be set up. If it cannot be added, the settings are as before.
func (s *Settings) Ensure(registry Registry) error {
	text, err := encode(registry)
	if err != nil {
		return err
	}
	data, length := span(text)
	return s.change(func(p *C.regconf_settings, failed **C.regconf_error) C.regconf_status {
		return C.regconf_settings_ensure(p, data, length, failed)
	})
}

// Remove adds a registry that shall be taken out. If it cannot be added, the settings are as before.
func (s *Settings) Remove(removal Removal) error {
	text, err := encode(removal)
	if err != nil {
		return err
	}
	data, length := span(text)
	return s.change(func(p *C.regconf_settings, failed **C.regconf_error) C.regconf_status {
		return C.regconf_settings_remove(p, data, length, failed)
	})
}

// Migrate has mirrors and configs.*.tls of an existing config.toml moved to hosts.toml files. It stays on.
func (s *Settings) Migrate() error {
	return s.change(func(p *C.regconf_settings, failed **C.regconf_error) C.regconf_status {
		return C.regconf_settings_migrate(p, failed)
	})
}

// EnableCRI has containerd's CRI plugin taken out of disabled_plugins. It stays on.
func (s *Settings) EnableCRI() error {
	return s.change(func(p *C.regconf_settings, failed **C.regconf_error) C.regconf_status {
		return C.regconf_settings_enable_cri(p, failed)
	})
}

// Overlay gives these settings with others laid over them: what the others say of a host takes the place of what these
// say of it.
func (s *Settings) Overlay(over *Settings) (*Settings, error) {
	var out *C.regconf_settings
	err := s.own().use(func(below *C.regconf_settings) error {
		return over.own().use(func(above *C.regconf_settings) error {
			return call(func(failed **C.regconf_error) C.regconf_status {
				return C.regconf_settings_overlay(below, above, &out, failed)
			})
		})
	})
	if err != nil {
		return nil, err
	}
	return ownSettings(out), nil
}

// Equal tells whether both want the same, with the hosts in the same order. Closed settings are equal to none.
func (s *Settings) Equal(other *Settings) bool {
	equal := false
	err := s.own().use(func(a *C.regconf_settings) error {
		return other.own().use(func(b *C.regconf_settings) error {
			equal = C.regconf_settings_equal(a, b) != 0
			return nil
		})
	})
	return err == nil && equal
}

// MarshalJSON gives the JSON that [ParseSettings] reads as the same settings. Secrets are in it: keys of client
// certificates and values of headers.
func (s *Settings) MarshalJSON() ([]byte, error) {
	text, err := s.text(func(p *C.regconf_settings, out **C.char, failed **C.regconf_error) C.regconf_status {
		return C.regconf_settings_to_json(p, out, failed)
	})
	return []byte(text), err
}

// Fingerprint is a digest of what is wanted, as sha256:…, the same in whatever order the hosts are named.
func (s *Settings) Fingerprint() (string, error) {
	return s.text(func(p *C.regconf_settings, out **C.char, failed **C.regconf_error) C.regconf_status {
		return C.regconf_settings_fingerprint(p, out, failed)
	})
}

// Close frees the settings. It may be called more than once.
func (s *Settings) Close() {
	s.own().close()
}

func (s *Settings) own() *settingsHandle {
	if s == nil {
		return nil
	}
	return s.handle
}

func (s *Settings) change(f func(*C.regconf_settings, **C.regconf_error) C.regconf_status) error {
	return s.own().change(func(p *C.regconf_settings) error {
		return call(func(failed **C.regconf_error) C.regconf_status { return f(p, failed) })
	})
}

func (s *Settings) text(
	f func(*C.regconf_settings, **C.char, **C.regconf_error) C.regconf_status,
) (text string, err error) {
	err = s.own().use(func(p *C.regconf_settings) (err error) {
		text, err = takeText(func(out **C.char, failed **C.regconf_error) C.regconf_status { return f(p, out, failed) })
		return err
	})
	return text, err
}
