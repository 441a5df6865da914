package regconf

import "time"

// Outcome is how it ended on a node. Later versions of the library may have more than there are constants.
type Outcome string

// The outcomes.
const (
	// OutcomeUnchanged: everything was as wanted; nothing was touched.
	OutcomeUnchanged Outcome = "unchanged"
	// OutcomeChanged: the plan was carried out, and its effect seen.
	OutcomeChanged Outcome = "changed"
	// OutcomePending: there is something to do, and it was only asked what.
	OutcomePending Outcome = "pending"
	// OutcomeUnverified: it is as wanted, but an image that was asked for cannot be pulled. What was changed stays.
	OutcomeUnverified Outcome = "unverified"
	// OutcomeFailed: it failed, and nothing was changed.
	OutcomeFailed Outcome = "failed"
	// OutcomeUnreachable: it could not be reached, or the link was lost before anything was changed.
	OutcomeUnreachable Outcome = "unreachable"
	// OutcomeRolledBack: it failed, and everything was put back.
	OutcomeRolledBack Outcome = "rolled_back"
	// OutcomeUnknown: it failed, and it is not known in what state the node is. Somebody must look.
	OutcomeUnknown Outcome = "unknown"
	// OutcomeNotTried: its change was not begun, because the caller cancelled or the rollout was stopped.
	OutcomeNotTried Outcome = "not_tried"
)

// NodeReport is what happened on a node.
type NodeReport struct {
	// Name is the node's name.
	Name string
	// Address is host:port, with the root after it unless that is /; for this machine the root alone.
	Address string
	// Outcome is how it ended.
	Outcome Outcome
	// Err is why it did not end well; nil if it did.
	Err error
	// Resumed is whether the outcome is that of an earlier call, as the journal says.
	Resumed bool
	// Tolerated is whether the caller has said that such an end is no failure.
	Tolerated bool
	// Batch is the node's batch, counted from 1; 0 if its turn did not come.
	Batch int
	// Plan is what was or is to be done; nil if it did not come to a plan.
	Plan *Outline
	// Verified is what was seen to hold after the change.
	Verified []string
	// Pulls are images that were pulled to prove it.
	Pulls []Pull
	// Probes are what answers at the registries' addresses.
	Probes []Probe
	// Took is how long the node's turn took.
	Took time.Duration
	// Timing is how long each phase took.
	Timing Timing
}

// Pull is an image that a node has pulled, or could not.
type Pull struct {
	// Engine is the engine, such as containerd.
	Engine string
	// Program is what pulled; empty if the node has nothing.
	Program string
	// Image is as it was asked for.
	Image string
	// Passed is whether it was pulled.
	Passed bool
	// Text is what the engine said last.
	Text string
	// Cause is why it failed, in plain words; empty if the error is not known.
	Cause string
	// Remedy is what to do about it.
	Remedy string
}

// Probe is what answers at a registry's address.
type Probe struct {
	// URL is the endpoint, as in the settings.
	URL string
	// Found is http, https, https_untrusted, refused, unreachable, unknown_name, other or not_asked.
	Found string
	// IsUsable is whether an engine that is set up so can use it.
	IsUsable bool `json:"is_usable"`
	// Text is that in words.
	Text string
}

// Timing is how long each phase took; 0 for one that it did not come to.
type Timing struct {
	Connect, Gather, Plan, Wait, Apply, Verify time.Duration
}

// UnmarshalJSON reads a node's entry of a report.
func (n *NodeReport) UnmarshalJSON(text []byte) error {
	type plain NodeReport
	var raw struct {
		*plain
		Err     *Error `json:"error"`
		Seconds float64
	}
	raw.plain = (*plain)(n)
	if err := decode(text, &raw); err != nil {
		return err
	}
	n.Took = seconds(raw.Seconds)
	n.Err = nil
	if raw.Err != nil {
		n.Err = raw.Err
	}
	return nil
}

// UnmarshalJSON reads the phases in seconds.
func (t *Timing) UnmarshalJSON(text []byte) error {
	var raw struct{ Connect, Gather, Plan, Wait, Apply, Verify float64 }
	if err := decode(text, &raw); err != nil {
		return err
	}
	*t = Timing{
		Connect: seconds(raw.Connect),
		Gather:  seconds(raw.Gather),
		Plan:    seconds(raw.Plan),
		Wait:    seconds(raw.Wait),
		Apply:   seconds(raw.Apply),
		Verify:  seconds(raw.Verify),
	}
	return nil
}
