package regconf

/*
#include <regconf.h>
*/
import "C"

import "runtime/cgo"

// observer takes events from the thread on which the library works to the goroutine that made the call. What the callback
// does there, a panic or a runtime.Goexit too, never meets the library's frames.
type observer struct {
	events  chan Event
	answers chan bool
	// fault is why an event could not be read. It is written before events is closed.
	fault error
}

func newObserver() *observer {
	return &observer{events: make(chan Event), answers: make(chan bool)}
}

// attend hands each event to f until the call has ended, or until f has failed: then it tells that by the answer, and
// goes on without f.
func (o *observer) attend(f func(Event) error) error {
	var failed error
	for event := range o.events {
		if failed == nil {
			failed = f(event)
		}
		o.answers <- failed == nil
	}
	return failed
}

// dismiss answers to all that is still heard that it is to stop, until the call has ended.
func (o *observer) dismiss() {
	close(o.answers)
	for range o.events {
	}
}

// hear is called by the library, on its thread.
func (o *observer) hear(text string) bool {
	event, err := parseEvent([]byte(text))
	if err != nil {
		o.fault = err
		return false
	}
	o.events <- event
	return <-o.answers
}

//export regconfGoHear
func regconfGoHear(user C.uintptr_t, event *C.regconf_event) C.int {
	o := cgo.Handle(user).Value().(*observer)
	if o.hear(C.GoString(C.regconf_event_json(event))) {
		return 0
	}
	return 1
}
