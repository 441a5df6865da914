// SPDX-License-Identifier: MIT OR Apache-2.0

// Package lines answers questions that come one JSON value a line.
package lines

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// failure is the answer to a question that an engine refuses.
type failure struct {
	Error string `json:"error"`
}

// Answer reads questions of type Q from standard input to its end and prints
// what answer makes of each on standard output, or its error. The system's own
// CAs are hidden, so that a pool has only those that are added to it.
func Answer[Q, A any](answer func(Q) (A, error)) {
	hideSystemAuthorities()
	if err := each(os.Stdin, os.Stdout, answer); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func hideSystemAuthorities() {
	for name, nothing := range map[string]string{"SSL_CERT_FILE": os.DevNull, "SSL_CERT_DIR": "/nowhere"} {
		if err := os.Setenv(name, nothing); err != nil {
			panic(err)
		}
	}
}

func each[Q, A any](in io.Reader, out io.Writer, answer func(Q) (A, error)) error {
	questions, answers := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var question Q
		if err := questions.Decode(&question); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := answers.Encode(shown(answer(question))); err != nil {
			return err
		}
	}
}

func shown[A any](answer A, err error) any {
	if err != nil {
		return failure{err.Error()}
	}
	return answer
}
