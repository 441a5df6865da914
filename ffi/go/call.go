package regconf

/*
#include <regconf.h>

extern int regconfGoHear(uintptr_t user, regconf_event *event);

// The handle is a number. As an unsafe.Pointer the garbage collector would take it for a bad address.
static int hear(void *user, const regconf_event *event) {
	return regconfGoHear((uintptr_t)user, (regconf_event *)event);
}

static regconf_status listen(regconf_options *options, uintptr_t user, regconf_error **error) {
	return regconf_options_set_observer(options, hear, (void *)user, error);
}
*/
import "C"

import (
	"context"
	"runtime/cgo"
	"time"
)

// operation is a call that works on nodes.
type operation func(options *C.regconf_options, failed **C.regconf_error) C.regconf_status

// run does an operation on a goroutine of its own, and hears its events on this one. It returns, or is left by a panic of
// the callback, when the operation has ended.
func (o Options) run(ctx context.Context, work operation) error {
	return o.own(func(options *C.regconf_options) error {
		cancel := newHandle(C.regconf_cancel_new(), func(p *C.regconf_cancel) { C.regconf_cancel_free(p) })
		defer cancel.close()
		defer follow(ctx, cancel, o.Grace)()
		err := cancel.use(func(p *C.regconf_cancel) error {
			return call(func(failed **C.regconf_error) C.regconf_status {
				return C.regconf_options_set_cancel(options, p, failed)
			})
		})
		if err != nil {
			return err
		}
		return o.attend(options, work)
	})
}

// attend is run with the options made.
func (o Options) attend(options *C.regconf_options, work operation) error {
	observer := newObserver()
	hearing := cgo.NewHandle(observer)
	defer hearing.Delete()
	if o.OnEvent != nil {
		err := call(func(failed **C.regconf_error) C.regconf_status {
			return C.listen(options, C.uintptr_t(hearing), failed)
		})
		if err != nil {
			return err
		}
	}
	var ended error
	go func() {
		defer close(observer.events)
		ended = call(func(failed **C.regconf_error) C.regconf_status { return work(options, failed) })
	}()
	// Also when a panic of the callback comes by.
	defer observer.dismiss()
	stopped := observer.attend(o.OnEvent)
	return first(ended, observer.fault, stopped)
}

type cancelHandle = handle[*C.regconf_cancel]

// follow says it when the context ends, until the function that it gives is called; and leaves nodes alone after the
// grace, if there is one.
func follow(ctx context.Context, cancel *cancelHandle, grace time.Duration) (stop func() bool) {
	if ctx.Err() != nil {
		say(cancel)
	}
	return context.AfterFunc(ctx, func() {
		say(cancel)
		if grace > 0 {
			time.AfterFunc(grace, func() { abandon(cancel) })
		}
	})
}

// abandon leaves nodes alone that are in the middle of a change.
func abandon(cancel *cancelHandle) {
	_ = cancel.use(func(p *C.regconf_cancel) error {
		C.regconf_cancel_abandon(p)
		return nil
	})
}

// say says the word to stop; nobody hears it once the call has ended.
func say(cancel *cancelHandle) {
	_ = cancel.use(func(p *C.regconf_cancel) error {
		C.regconf_cancel_set(p)
		return nil
	})
}
