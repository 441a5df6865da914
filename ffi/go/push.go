package regconf

/*
#include <regconf.h>
*/
import "C"

import (
	"context"
	"fmt"
)

// Push makes each node as the settings say, in one connection each.
//
// What happened on a node is in the report, not in the error: see [Report.Check]. An error without a report means that
// nothing was begun. With a report it is that of [Options].OnEvent, or the context's, as errors.Is tells, if nodes were
// left out because of it.
func Push(ctx context.Context, nodes *Nodes, settings *Settings, options Options) (report *Report, err error) {
	err = with(nodes, settings, func(n *C.regconf_nodes, s *C.regconf_settings) (err error) {
		report, err = options.report(ctx, func(
			o *C.regconf_options, out **C.regconf_report, failed **C.regconf_error,
		) C.regconf_status {
			return C.regconf_push(n, s, o, out, failed)
		})
		return err
	})
	return report, err
}

// Rollout is the plans of many nodes, not carried out yet.
type Rollout struct {
	handle *rolloutHandle
}

type rolloutHandle = handle[*C.regconf_rollout]

// Survey finds out what each node needs, and changes nothing. What happened on a node is in the report of the rollout.
// As with [Push], there may be both a rollout and the error that has cut it short.
func Survey(ctx context.Context, nodes *Nodes, settings *Settings, options Options) (*Rollout, error) {
	var rollout *Rollout
	err := with(nodes, settings, func(n *C.regconf_nodes, s *C.regconf_settings) error {
		return options.run(ctx, func(o *C.regconf_options, failed **C.regconf_error) C.regconf_status {
			var out *C.regconf_rollout
			status := C.regconf_survey(n, s, o, &out, failed)
			if status == C.REGCONF_OK {
				rollout = &Rollout{newHandle(out, func(p *C.regconf_rollout) { C.regconf_rollout_free(p) })}
			}
			return status
		})
	})
	if err != nil || ctx.Err() == nil {
		return rollout, err
	}
	report, err := rollout.Report()
	if err != nil {
		return rollout, err
	}
	return rollout, interrupted(ctx, report)
}

// Report tells what each node needs, and why some cannot be planned for.
func (r *Rollout) Report() (*Report, error) {
	var out *C.regconf_report
	err := r.own().use(func(p *C.regconf_rollout) error {
		return call(func(failed **C.regconf_error) C.regconf_status { return C.regconf_rollout_report(p, &out, failed) })
	})
	if err != nil {
		return nil, err
	}
	return takeReport(out)
}

// Apply carries the plans out, on connections of their own. A file that has changed since then stops its node with
// [ErrStale]. Report and error are as those of [Push]. It may be called again.
func (r *Rollout) Apply(ctx context.Context, options Options) (report *Report, err error) {
	err = r.own().use(func(p *C.regconf_rollout) (err error) {
		report, err = options.report(ctx, func(
			o *C.regconf_options, out **C.regconf_report, failed **C.regconf_error,
		) C.regconf_status {
			return C.regconf_rollout_apply(p, o, out, failed)
		})
		return err
	})
	return report, err
}

// Close frees the plans. It may be called more than once.
func (r *Rollout) Close() {
	r.own().close()
}

func (r *Rollout) own() *rolloutHandle {
	if r == nil {
		return nil
	}
	return r.handle
}

func with(nodes *Nodes, settings *Settings, f func(*C.regconf_nodes, *C.regconf_settings) error) error {
	return nodes.own().use(func(n *C.regconf_nodes) error {
		return settings.own().use(func(s *C.regconf_settings) error { return f(n, s) })
	})
}

// report runs an operation that gives a report, and takes that over as soon as it is there: run may be left by a panic.
func (o Options) report(
	ctx context.Context,
	work func(*C.regconf_options, **C.regconf_report, **C.regconf_error) C.regconf_status,
) (*Report, error) {
	var report *Report
	var fault error
	err := o.run(ctx, func(options *C.regconf_options, failed **C.regconf_error) C.regconf_status {
		var out *C.regconf_report
		status := work(options, &out, failed)
		if status == C.REGCONF_OK {
			report, fault = takeReport(out)
		}
		return status
	})
	if err = first(err, fault); err != nil {
		return report, err
	}
	return report, interrupted(ctx, report)
}

// interrupted is the context's error, if nodes were left out because of it.
func interrupted(ctx context.Context, report *Report) error {
	why := report.cancelled()
	if ctx.Err() == nil || why == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != ctx.Err() {
		return fmt.Errorf("%w: %w: %w", ctx.Err(), cause, why)
	}
	return fmt.Errorf("%w: %w", ctx.Err(), why)
}
