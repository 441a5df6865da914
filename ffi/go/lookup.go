package regconf

/*
#include <regconf.h>
*/
import "C"

// Image is an image reference, made whole.
type Image struct {
	// Host is the registry host, docker.io where none is written.
	Host string `json:"host"`
	// Repository is the repository, such as library/nginx.
	Repository string `json:"repository"`
	// Tag is the tag, latest where neither tag nor digest is written.
	Tag string `json:"tag"`
	// Digest is the digest, such as sha256:…; empty if there is none.
	Digest string `json:"digest"`
}

// Advice is what an error means, and what to do.
type Advice struct {
	// Cause is what is wrong, in plain words.
	Cause string `json:"cause"`
	// Remedy is what to do.
	Remedy string `json:"remedy"`
}

// ParseHost checks a registry host, such as my-registry.com:5000, and gives it as the library writes it.
func ParseHost(host string) (string, error) {
	name, err := zeroEnded(host, "host")
	if err != nil {
		return "", err
	}
	return takeText(func(out **C.char, failed **C.regconf_error) C.regconf_status {
		return C.regconf_registry_host_parse(name, out, failed)
	})
}

// ParseImage takes an image reference apart.
func ParseImage(image string) (Image, error) {
	name, err := zeroEnded(image, "image")
	if err != nil {
		return Image{}, err
	}
	var whole Image
	err = takeJSON(&whole, func(out **C.char, failed **C.regconf_error) C.regconf_status {
		return C.regconf_image_parse(name, out, failed)
	})
	return whole, err
}

// Advise tells what an error of containerd, docker or a registry means: the text that a pull, a start or a log gave. It
// fails with [ErrUnsupported] if the error is none that is known.
func Advise(said string) (Advice, error) {
	data, length := span([]byte(said))
	var advice Advice
	err := takeJSON(&advice, func(out **C.char, failed **C.regconf_error) C.regconf_status {
		return C.regconf_advice(data, length, out, failed)
	})
	return advice, err
}
