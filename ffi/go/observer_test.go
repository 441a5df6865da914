package regconf

import (
	"errors"
	"testing"
)

const tick = `{"event":"tick"}`

func TestAPanicWaitsForTheEndOfTheCall(t *testing.T) {
	o := newObserver()
	ended := false
	go func() {
		defer close(o.events)
		for o.hear(tick) {
		}
		// It goes on for a while, as a node does that goes back.
		for range 3 {
			o.hear(tick)
		}
		ended = true
	}()
	func() {
		defer func() { _ = recover() }()
		defer o.dismiss()
		_ = o.attend(func(Event) error { panic("on purpose") })
	}()
	if !ended {
		t.Error("the call is left before it has ended")
	}
}

func TestAnEventThatCannotBeReadEndsTheCall(t *testing.T) {
	o := newObserver()
	if o.hear("{") || !errors.Is(o.fault, ErrInternal) {
		t.Errorf("heard, with %v", o.fault)
	}
}
