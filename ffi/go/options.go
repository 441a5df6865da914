package regconf

/*
#include <regconf.h>
*/
import "C"

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Options are how a fleet is worked on. The zero value has all defaults.
type Options struct {
	// Parallel is how many nodes are worked on at once; 0 means as many as there are, at most 256.
	Parallel int
	// ParallelApply is how many nodes at once may restart an engine; 0 means as many as are worked on.
	ParallelApply int
	// Canary is how many nodes are changed first; if one of them fails, no other is begun.
	Canary int
	// Batch is how many nodes are a batch: all, a number such as 10, or a part such as 25%; empty means all.
	Batch string
	// ControlPlaneBatch is how many nodes of the control plane, which come last, are a batch; 0 means 1.
	ControlPlaneBatch int
	// Pause is how long to wait between two batches.
	Pause time.Duration
	// MaxFailures is how many nodes may fail, a number such as 3 or a part such as 10%; with one more, no other is begun.
	// Empty means any number.
	MaxFailures string
	// Unreachable is what it means that a node cannot be reached: fail; skip; retry, which tries again after all others;
	// or retry:ROUNDS:SECONDS. Empty means fail.
	Unreachable string
	// Journal is a file that records how each node ended, so that a later call does only what is left. It is made if it
	// is not there. Empty means none.
	Journal string
	// ConnectTimeout is how long connecting and logging in to one node may take; 0 means 15 seconds.
	ConnectTimeout time.Duration
	// Deadline is how long one node may take until its change begins; 0 means two minutes.
	Deadline time.Duration
	// DryRun only finds out what there is to do.
	DryRun bool
	// VerifyPull are images that each node pulls once it is set up.
	VerifyPull []string
	// Probe has each node ask every endpoint at /v2/ what answers there.
	Probe bool
	// Assume says which version an engine has where it is found but cannot be asked, as in a folder that holds a system.
	Assume map[string]string
	// Grace is how long nodes in the middle of a change are waited for when the context has ended. Those that take longer
	// end it by themselves, their outcome is OutcomeUnknown, and their next push tells. 0 means that all are waited for.
	Grace time.Duration
	// OnEvent hears what happens, on the goroutine that made the call, one event at a time, and at least every 100 ms. An
	// error cancels, and is what the call returns, so that a callback can say why: nodes in the middle of a change finish
	// or go back, no other is begun, and no further event is heard. A panic and a runtime.Goexit leave the call as they
	// leave any other, after the nodes are whole.
	OnEvent func(Event) error
}

// own gives the options to f as the library takes them.
func (o Options) own(f func(*C.regconf_options) error) error {
	options := C.regconf_options_new()
	defer C.regconf_options_free(options)
	for _, set := range []func(*C.regconf_options) error{o.setCounts, o.setTimes, o.setTexts, o.setSwitches, o.setLists} {
		if err := set(options); err != nil {
			return err
		}
	}
	return f(options)
}

func (o Options) setCounts(options *C.regconf_options) error {
	type setter func(*C.regconf_options, C.size_t, **C.regconf_error) C.regconf_status
	set := func(name string, count int, f setter) error {
		switch {
		case count < 0:
			return badOption(name, fmt.Sprintf("is %d, and cannot be below 0", count))
		case count == 0:
			return nil
		}
		return call(func(failed **C.regconf_error) C.regconf_status { return f(options, C.size_t(count), failed) })
	}
	return first(
		set("Parallel", o.Parallel, func(p *C.regconf_options, n C.size_t, e **C.regconf_error) C.regconf_status {
			return C.regconf_options_set_parallel(p, n, e)
		}),
		set("ParallelApply", o.ParallelApply, func(p *C.regconf_options, n C.size_t, e **C.regconf_error) C.regconf_status {
			return C.regconf_options_set_parallel_apply(p, n, e)
		}),
		set("Canary", o.Canary, func(p *C.regconf_options, n C.size_t, e **C.regconf_error) C.regconf_status {
			return C.regconf_options_set_canary(p, n, e)
		}),
		set("ControlPlaneBatch", o.ControlPlaneBatch, func(p *C.regconf_options, n C.size_t, e **C.regconf_error) C.regconf_status {
			return C.regconf_options_set_control_plane_batch(p, n, e)
		}),
	)
}

func (o Options) setTimes(options *C.regconf_options) error {
	type setter func(*C.regconf_options, C.uint64_t, **C.regconf_error) C.regconf_status
	set := func(name string, time time.Duration, f setter) error {
		switch {
		case time < 0:
			return badOption(name, fmt.Sprintf("is %s, and cannot be below 0", time))
		case time == 0:
			return nil
		}
		return call(func(failed **C.regconf_error) C.regconf_status { return f(options, milliseconds(time), failed) })
	}
	return first(
		set("Pause", o.Pause, func(p *C.regconf_options, ms C.uint64_t, e **C.regconf_error) C.regconf_status {
			return C.regconf_options_set_pause(p, ms, e)
		}),
		set("ConnectTimeout", o.ConnectTimeout, func(p *C.regconf_options, ms C.uint64_t, e **C.regconf_error) C.regconf_status {
			return C.regconf_options_set_connect_timeout(p, ms, e)
		}),
		set("Deadline", o.Deadline, func(p *C.regconf_options, ms C.uint64_t, e **C.regconf_error) C.regconf_status {
			return C.regconf_options_set_deadline(p, ms, e)
		}),
	)
}

func (o Options) setTexts(options *C.regconf_options) error {
	type setter func(*C.regconf_options, *C.char, **C.regconf_error) C.regconf_status
	set := func(name, text string, f setter) error {
		if text == "" {
			return nil
		}
		return setText(name, text, func(text *C.char, failed **C.regconf_error) C.regconf_status {
			return f(options, text, failed)
		})
	}
	return first(
		set("Batch", o.Batch, func(p *C.regconf_options, text *C.char, e **C.regconf_error) C.regconf_status {
			return C.regconf_options_set_batch(p, text, e)
		}),
		set("MaxFailures", o.MaxFailures, func(p *C.regconf_options, text *C.char, e **C.regconf_error) C.regconf_status {
			return C.regconf_options_set_max_failures(p, text, e)
		}),
		set("Unreachable", o.Unreachable, func(p *C.regconf_options, text *C.char, e **C.regconf_error) C.regconf_status {
			return C.regconf_options_set_unreachable(p, text, e)
		}),
		set("Journal", o.Journal, func(p *C.regconf_options, text *C.char, e **C.regconf_error) C.regconf_status {
			return C.regconf_options_set_journal(p, text, e)
		}),
	)
}

func (o Options) setSwitches(options *C.regconf_options) error {
	return first(
		call(func(failed **C.regconf_error) C.regconf_status {
			return C.regconf_options_set_dry_run(options, number(o.DryRun), failed)
		}),
		call(func(failed **C.regconf_error) C.regconf_status {
			return C.regconf_options_set_probe(options, number(o.Probe), failed)
		}),
	)
}

func (o Options) setLists(options *C.regconf_options) error {
	for _, image := range o.VerifyPull {
		err := setText("VerifyPull", image, func(text *C.char, failed **C.regconf_error) C.regconf_status {
			return C.regconf_options_add_verify_pull(options, text, failed)
		})
		if err != nil {
			return err
		}
	}
	for _, engine := range slices.Sorted(maps.Keys(o.Assume)) {
		name, err := zeroEnded(engine, "Assume")
		if err != nil {
			return err
		}
		err = setText("Assume", o.Assume[engine], func(version *C.char, failed **C.regconf_error) C.regconf_status {
			return C.regconf_options_assume_version(options, name, version, failed)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func setText(name, text string, f func(*C.char, **C.regconf_error) C.regconf_status) error {
	pointer, err := zeroEnded(text, name)
	if err != nil {
		return err
	}
	return call(func(failed **C.regconf_error) C.regconf_status { return f(pointer, failed) })
}

// milliseconds are rounded up, so that a short time does not become none.
func milliseconds(time time.Duration) C.uint64_t {
	count := time.Milliseconds()
	if time%1e6 != 0 {
		count++
	}
	return C.uint64_t(count)
}

func number(on bool) C.int {
	if on {
		return 1
	}
	return 0
}

func badOption(name, message string) error {
	err := newError(ErrInvalidArgument, message)
	err.Key = name
	return err
}

func first(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}
